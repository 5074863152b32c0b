//! Jobs: durable, claimed by row locks, fenced by their attempt, rescued when a holder dies.
