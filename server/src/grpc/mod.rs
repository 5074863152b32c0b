//! The contract's services: parse, call, reply. No SQL and no decisions here.
