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
  `
  -- What trajectories are filtered by, narrow enough that even a filter without an index reads a million rows quickly.
  CREATE TABLE facets (
    id INTEGER PRIMARY KEY REFERENCES trajectories (id) ON DELETE CASCADE,
    arm_id INTEGER NOT NULL,
    prompt_id INTEGER NOT NULL,
    phase TEXT NOT NULL,
    step INTEGER NOT NULL,
    split_state TEXT NOT NULL,
    role TEXT NOT NULL,
    category TEXT NOT NULL,
    -- By the run's first judge and the study's threshold: 'safe', 'unsafe', 'unscorable', 'not-judged'.
    thought TEXT NOT NULL,
    response TEXT NOT NULL,
    whole TEXT NOT NULL,
    reward REAL
  );
  CREATE INDEX facets_by_arm ON facets (arm_id);
  CREATE INDEX facets_by_category ON facets (category);
  CREATE INDEX facets_by_verdicts ON facets (thought, response);
  INSERT INTO facets
    SELECT t.id, arm_id, prompt_id, phase, step, split_state, role, category,
      (SELECT CASE WHEN max(safe) IS NULL THEN iif(count(*) = 0, 'not-judged', 'unscorable')
        ELSE iif(max(safe) < threshold, 'unsafe', 'safe') END
        FROM verdicts WHERE trajectory_id = t.id AND judge = first_judge AND component = 'thought'),
      (SELECT CASE WHEN max(safe) IS NULL THEN iif(count(*) = 0, 'not-judged', 'unscorable')
        ELSE iif(max(safe) < threshold, 'unsafe', 'safe') END
        FROM verdicts WHERE trajectory_id = t.id AND judge = first_judge AND component = 'response'),
      (SELECT CASE WHEN max(safe) IS NULL THEN iif(count(*) = 0, 'not-judged', 'unscorable')
        ELSE iif(max(safe) < threshold, 'unsafe', 'safe') END
        FROM verdicts WHERE trajectory_id = t.id AND judge = first_judge AND component = 'whole'),
      reward
    FROM trajectories t JOIN prompts ON prompts.id = prompt_id
      JOIN (
        SELECT arms.id AS judged_arm, judges ->> 0 AS first_judge,
          COALESCE(config ->> '$.evaluation.threshold', 0.5) AS threshold
        FROM arms JOIN runs ON runs.id = run_id JOIN studies ON studies.id = study_id
      ) ON judged_arm = arm_id;
  -- By key, so that they outlive a step that is run again.
  CREATE TABLE annotations (
    arm_id INTEGER NOT NULL REFERENCES arms (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    label TEXT,
    note TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    PRIMARY KEY (arm_id, key)
  ) WITHOUT ROWID;
  CREATE INDEX annotations_by_label ON annotations (label);
  CREATE TABLE drafts (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    text TEXT NOT NULL,                 -- YAML, as it was typed
    saved_at TEXT NOT NULL
  );
  CREATE TABLE known_models (
    folder TEXT PRIMARY KEY,
    detail TEXT NOT NULL,               -- ModelDetail, JSON
    added_at TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE known_datasets (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    file TEXT NOT NULL,
    role TEXT NOT NULL,
    columns TEXT NOT NULL,              -- ColumnMapping, JSON
    detail TEXT NOT NULL,               -- DatasetDetail, JSON
    added_at TEXT NOT NULL
  );
  CREATE TABLE settings (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    settings TEXT NOT NULL              -- Settings, JSON
  );
  `,
  `
  -- AUTOINCREMENT: a number that was seen in the window never comes to mean another study.
  CREATE TABLE queue (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- in this order
    study TEXT NOT NULL,                -- StudyConfig, JSON
    resume TEXT,                        -- the run to go on with
    problem TEXT                        -- RpcError, JSON, where it was refused
  );
  ALTER TABLE runs ADD COLUMN program_version TEXT; -- the one that recorded it last; NULL before there was this column
  `,
  `
  ALTER TABLE verdicts ADD COLUMN version TEXT NOT NULL DEFAULT ''; -- the judge's; empty before there was this column
  ALTER TABLE verdicts ADD COLUMN raw REAL; -- the score behind safe, where the judge has one
  -- What people found, one component at a time and without seeing a verdict. By key, as annotations are.
  CREATE TABLE labels (
    arm_id INTEGER NOT NULL REFERENCES arms (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    component TEXT NOT NULL,
    labeller TEXT NOT NULL,
    label TEXT CHECK (label IN ('safe', 'unsafe', 'skipped')), -- NULL: a note so far
    note TEXT NOT NULL,
    digest TEXT NOT NULL,               -- of the text that was read: a step run again may bring another one
    labelled_at TEXT NOT NULL,
    PRIMARY KEY (arm_id, key, component, labeller)
  ) WITHOUT ROWID;
  `,
  `
  ALTER TABLE prompts ADD COLUMN options TEXT;                            -- of a multiple choice question, JSON array
  ALTER TABLE known_datasets ADD COLUMN licence TEXT NOT NULL DEFAULT ''; -- a note by the person who added it
  ALTER TABLE known_datasets ADD COLUMN encoding TEXT;                    -- NULL for UTF-8
  ALTER TABLE known_datasets ADD COLUMN skip_bad INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- Kept until what they come from changes. Without a run: of model folders and files alone.
  CREATE TABLE analyses (
    id INTEGER PRIMARY KEY,
    run_id TEXT REFERENCES runs (id) ON DELETE CASCADE,
    request TEXT NOT NULL UNIQUE,       -- AnalysisRequest, JSON
    state TEXT NOT NULL,                -- of what it was computed from
    result TEXT NOT NULL,               -- AnalysisResult, JSON
    computed_at TEXT NOT NULL,
    seconds REAL NOT NULL
  );
  CREATE INDEX analyses_by_run ON analyses (run_id);
  `,
  `
  -- All that decides what an arm without training samples in its evaluation: completions of arms with the same hash are the same.
  ALTER TABLE arms ADD COLUMN sampling_hash TEXT;
  `,
  `
  -- Arms whose trajectories behind a number are not in trajectory_search yet (searchIndex.ts). Without a foreign key: the rows of
  -- an arm that is deleted are looked up here while they go.
  CREATE TABLE unindexed (arm_id INTEGER PRIMARY KEY, up_to INTEGER NOT NULL);
  DROP TRIGGER trajectories_added;
  DROP TRIGGER trajectories_removed;
  CREATE TRIGGER trajectories_added AFTER INSERT ON trajectories
  WHEN NOT EXISTS (SELECT 1 FROM unindexed WHERE arm_id = new.arm_id AND up_to < new.id) BEGIN
    INSERT INTO trajectory_search (rowid, text) VALUES (new.id, new.text);
  END;
  CREATE TRIGGER trajectories_removed AFTER DELETE ON trajectories
  WHEN NOT EXISTS (SELECT 1 FROM unindexed WHERE arm_id = old.arm_id AND up_to < old.id) BEGIN
    INSERT INTO trajectory_search (trajectory_search, rowid, text) VALUES ('delete', old.id, old.text);
  END;
  `,
  `
  -- Wall time. NULL before there were these columns.
  ALTER TABLE arms ADD COLUMN training_seconds REAL;
  ALTER TABLE arms ADD COLUMN evaluation_seconds REAL;
  `,
]
