//! Postgres: our own cluster or a given one, the pool, migrations, and a listener. No word of business.
