/** The shape of the store, as numbered steps. A step that was released is never edited: a change is a new step. */

/** Step n brings a store from `user_version` n - 1 to n. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE studies (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    config_hash TEXT NOT NULL UNIQUE,   -- SHA-256 of the config
    config TEXT NOT NULL                -- StudyConfig, JSON
  );
  CREATE TABLE models (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    folder TEXT NOT NULL,
    hash TEXT NOT NULL,                 -- SHA-256 of the weights
    architecture TEXT NOT NULL,
    parameters INTEGER NOT NULL,
    context_tokens INTEGER NOT NULL,
    UNIQUE (hash, folder)
  );
  CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    study_id INTEGER NOT NULL REFERENCES studies (id),
    model_id INTEGER NOT NULL REFERENCES models (id),
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'interrupted', 'failed')),
    reason TEXT,                        -- why it is interrupted or failed
    resumable INTEGER NOT NULL,
    judges TEXT NOT NULL,               -- JSON array, the one of the figures first
    chat_template TEXT NOT NULL,
    device TEXT NOT NULL,
    threads INTEGER NOT NULL,
    work_folder TEXT NOT NULL,          -- checkpoints
    started_at TEXT NOT NULL,           -- ISO 8601, UTC
    finished_at TEXT,
    owner_pid INTEGER NOT NULL,         -- the process that records it
    seen_at TEXT NOT NULL,              -- when that process last wrote
    result TEXT                         -- StudyResult, JSON
  );
  CREATE INDEX runs_by_study ON runs (study_id, started_at);
  CREATE TABLE datasets (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    origin TEXT NOT NULL,
    hash TEXT,                          -- SHA-256 of the file; NULL for Harbor
    columns TEXT NOT NULL,              -- part -> column, JSON
    row_count INTEGER NOT NULL,
    used INTEGER NOT NULL,
    too_long INTEGER NOT NULL,
    unreadable TEXT NOT NULL,           -- [{ line, reason }], JSON
    PRIMARY KEY (run_id, name)
  ) WITHOUT ROWID;
  CREATE TABLE arms (
    id INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    seed INTEGER NOT NULL,
    method TEXT NOT NULL,
    steps INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done')),
    checkpoint_step INTEGER,
    checkpoint_folder TEXT,
    evaluation TEXT,                    -- Measures, JSON
    UNIQUE (run_id, name, seed)
  );
  CREATE TABLE steps (
    arm_id INTEGER NOT NULL REFERENCES arms (id) ON DELETE CASCADE,
    step INTEGER NOT NULL,
    metrics TEXT NOT NULL,              -- name -> number, JSON
    PRIMARY KEY (arm_id, step)
  ) WITHOUT ROWID;
  CREATE TABLE prompts (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,        -- SHA-256 of the fields below
    key TEXT NOT NULL,
    source TEXT NOT NULL,
    role TEXT NOT NULL,
    category TEXT NOT NULL,
    text TEXT NOT NULL,
    answer TEXT
  );
  CREATE INDEX prompts_by_category ON prompts (category);
  CREATE TABLE trajectories (
    id INTEGER PRIMARY KEY,
    arm_id INTEGER NOT NULL REFERENCES arms (id) ON DELETE CASCADE,
    key TEXT NOT NULL,                  -- the engine's id, the same when a step is run again
    prompt_id INTEGER NOT NULL REFERENCES prompts (id),
    phase TEXT NOT NULL,
    step INTEGER NOT NULL,
    sample_index INTEGER NOT NULL,
    thinking INTEGER NOT NULL,
    text TEXT NOT NULL,
    split_state TEXT NOT NULL,
    thought TEXT NOT NULL,
    response TEXT NOT NULL,
    compliance TEXT,
    correctness TEXT,
    reward_parts TEXT NOT NULL,         -- name -> number, JSON
    reward REAL,
    advantage REAL,
    finish TEXT NOT NULL,
    UNIQUE (arm_id, key)
  );
  CREATE INDEX trajectories_by_prompt ON trajectories (prompt_id);
  -- Beside the row, so that lists do not read through it. Little-endian: int32, int32, float32, float32.
  CREATE TABLE trajectory_tokens (
    trajectory_id INTEGER PRIMARY KEY REFERENCES trajectories (id) ON DELETE CASCADE,
    prompt_tokens BLOB NOT NULL,
    tokens BLOB NOT NULL,
    log_probabilities BLOB NOT NULL,
    entropies BLOB NOT NULL
  );
  CREATE TABLE verdicts (
    trajectory_id INTEGER NOT NULL REFERENCES trajectories (id) ON DELETE CASCADE,
    judge TEXT NOT NULL,
    component TEXT NOT NULL,
    safe REAL,                          -- P(safe); NULL means unscorable
    reason TEXT NOT NULL,
    PRIMARY KEY (trajectory_id, judge, component)
  ) WITHOUT ROWID;
  CREATE TABLE notices (
    id INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    at TEXT NOT NULL,
    level TEXT NOT NULL,
    text TEXT NOT NULL
  );
  CREATE VIRTUAL TABLE trajectory_search USING fts5 (text, content = 'trajectories', content_rowid = 'id');
  CREATE TRIGGER trajectories_added AFTER INSERT ON trajectories BEGIN
    INSERT INTO trajectory_search (rowid, text) VALUES (new.id, new.text);
  END;
  CREATE TRIGGER trajectories_removed AFTER DELETE ON trajectories BEGIN
    INSERT INTO trajectory_search (trajectory_search, rowid, text) VALUES ('delete', old.id, old.text);
  END;
  `,
]
