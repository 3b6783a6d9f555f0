"""Imports the first rows of a file of people the way most Python programs do; prints seconds, CPU seconds and how many."""

import csv
import sqlite3
import sys
import time

import phonenumbers

path, database, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
phonenumbers.is_valid_number(phonenumbers.parse("083 288 5137", "ZA"))  # loads its metadata
db = sqlite3.connect(database)
db.executescript(
    """PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE contact (id INTEGER PRIMARY KEY, phone TEXT NOT NULL UNIQUE, name TEXT, language TEXT, town TEXT);
    CREATE TABLE consent (contact INTEGER NOT NULL, evidence TEXT NOT NULL, at TEXT);"""
)
wall, cpu = time.perf_counter(), time.process_time()
with open(path, newline="", encoding="utf-8") as file:
    for i, row in enumerate(csv.DictReader(file)):
        if i == rows:
            break
        number = phonenumbers.parse(row["phone"], "ZA")
        if not phonenumbers.is_valid_number(number):
            continue
        phone = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        found = db.execute(
            "INSERT INTO contact (phone, name, language, town) VALUES (?, ?, ?, ?)",
            (phone, row["name"], row["language"], row["town"]),
        )
        if row["consent"] == "yes" and row["consent_evidence"]:
            db.execute("INSERT INTO consent VALUES (?, ?, ?)", (found.lastrowid, row["consent_evidence"], row["consent_at"]))
        if i % 1000 == 999:
            db.commit()
    db.commit()
print(time.perf_counter() - wall, time.process_time() - cpu, db.execute('SELECT count(*) FROM contact').fetchone()[0])
