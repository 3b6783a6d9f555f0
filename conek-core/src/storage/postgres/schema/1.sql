-- Text is compared byte by byte, as everywhere else in conek: a server's language moves no page.
-- Wide values stay out of the way: an update that leaves them alone writes no copy of them.
CREATE TABLE records (
    account text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    state text COLLATE "C" NOT NULL,
    subject text COLLATE "C",
    more_subjects text COLLATE "C",
    grp text COLLATE "C",
    queue text COLLATE "C",
    due_at bigint,
    expires_at bigint,
    retention text COLLATE "C" NOT NULL,
    tokens bytea,
    clear text COLLATE "C" NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (account, kind, id)
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
-- Sealed bytes do not compress.
ALTER TABLE records ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE INDEX by_subject ON records (account, subject, kind, id) WHERE subject IS NOT NULL;
CREATE INDEX by_group ON records (account, kind, grp, id) WHERE grp IS NOT NULL;
CREATE INDEX by_due ON records (account, kind, queue, due_at, id) WHERE queue IS NOT NULL AND due_at IS NOT NULL;
CREATE INDEX by_expiry ON records (account, kind, expires_at, id) WHERE expires_at IS NOT NULL;
CREATE TABLE more_subjects (
    account text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    PRIMARY KEY (account, person, kind, id)
);
-- The primary key is what refuses a second holder.
CREATE TABLE unique_tokens (
    account text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    PRIMARY KEY (account, kind, name, value)
);
CREATE TABLE tokens (
    account text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    PRIMARY KEY (account, kind, name, value, id)
);
-- How far appending has come, by account.
CREATE TABLE sequences (
    account text COLLATE "C" PRIMARY KEY,
    appended bigint NOT NULL
);
-- The last commit of every open storage: whoever lost the answer to one looks here. A row that is gone, or has
-- another fence, keeps a storage that was taken for dead from writing.
CREATE TABLE writers (
    writer uuid PRIMARY KEY,
    account text COLLATE "C",
    ticket bigint NOT NULL,
    fence bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 10);
-- The second wall around an account: a session sees the account that it named, and none if it named none.
ALTER TABLE records ENABLE ROW LEVEL SECURITY;
ALTER TABLE records FORCE ROW LEVEL SECURITY;
CREATE POLICY one_account ON records
    USING (account = (SELECT current_setting('conek.account', true))
        OR (SELECT current_setting('conek.every_account', true)) = 'on');
ALTER TABLE more_subjects ENABLE ROW LEVEL SECURITY;
ALTER TABLE more_subjects FORCE ROW LEVEL SECURITY;
CREATE POLICY one_account ON more_subjects
    USING (account = (SELECT current_setting('conek.account', true))
        OR (SELECT current_setting('conek.every_account', true)) = 'on');
ALTER TABLE unique_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE unique_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY one_account ON unique_tokens
    USING (account = (SELECT current_setting('conek.account', true))
        OR (SELECT current_setting('conek.every_account', true)) = 'on');
ALTER TABLE tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY one_account ON tokens
    USING (account = (SELECT current_setting('conek.account', true))
        OR (SELECT current_setting('conek.every_account', true)) = 'on');
ALTER TABLE sequences ENABLE ROW LEVEL SECURITY;
ALTER TABLE sequences FORCE ROW LEVEL SECURITY;
CREATE POLICY one_account ON sequences
    USING (account = (SELECT current_setting('conek.account', true))
        OR (SELECT current_setting('conek.every_account', true)) = 'on');
-- For whoever looks: what says nothing of a person, under the same wall.
CREATE VIEW clear_records WITH (security_invoker = true) AS
    SELECT account, kind, id, version, state, grp AS "group", queue,
           to_timestamp(due_at / 1000.0) AS due_at, to_timestamp(expires_at / 1000.0) AS expires_at, retention, clear
    FROM records;
