-- Whether bytes kept under their digest are still named by any task.
CREATE INDEX artifact_by_sha256 ON artifact (sha256);
