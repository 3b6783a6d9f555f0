use conek_core::Phone;
use std::io::BufRead;
fn main() {
    for l in std::io::stdin().lock().lines() {
        let l = l.unwrap();
        let Some((r, t)) = l.split_once('|') else { continue };
        let r = (!r.is_empty()).then_some(r);
        match Phone::parse(t, r) {
            Ok(p) => println!("{:<4} {:<36} {} {:?}", r.unwrap_or(""), t, p.as_e164(), p.country()),
            Err(e) => println!("{:<4} {:<36} ERR {}", r.unwrap_or(""), t, e),
        }
    }
}
