-- The span that a task is, as the W3C's traceparent names it.
ALTER TABLE task ADD COLUMN traceparent TEXT;
