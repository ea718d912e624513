-- One message of a laboratory, as it was judged when it came: the same message again is answered from here. `id` follows from
-- laboratory, sender and the sender's number; `content` is a mark of what it said, which tells nothing to whoever has no key.
CREATE TABLE lab_message (
  id TEXT PRIMARY KEY,
  lab TEXT NOT NULL,
  received INTEGER NOT NULL,
  day TEXT NOT NULL,
  sender TEXT NOT NULL,
  control TEXT NOT NULL,
  mode TEXT NOT NULL,
  format TEXT NOT NULL,
  content TEXT NOT NULL,
  verdict TEXT NOT NULL,
  reports INTEGER NOT NULL,
  -- What its own sender was told of each report, and what could not be read, without what stood there.
  found TEXT NOT NULL,
  complaints TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- What was not taken, or not whole.
CREATE INDEX lab_message_refused ON lab_message (lab, received) WHERE verdict IN ('refused', 'in_part');

-- How many came, so that a day of a million is a few rows.
CREATE TABLE lab_message_count (
  lab TEXT NOT NULL,
  day TEXT NOT NULL,
  verdict TEXT NOT NULL,
  messages INTEGER NOT NULL,
  reports INTEGER NOT NULL,
  PRIMARY KEY (lab, day, verdict)
) STRICT, WITHOUT ROWID;

-- One report of a message: about a tube, or about somebody who is in none (then what it says of them is sealed).
CREATE TABLE lab_report (
  seq INTEGER PRIMARY KEY,
  territory TEXT NOT NULL,
  lab TEXT NOT NULL,
  message TEXT NOT NULL,
  control TEXT NOT NULL,
  sender TEXT NOT NULL,
  -- What makes it the same report in another message: its laboratory's number.
  key TEXT NOT NULL,
  content TEXT NOT NULL,
  number TEXT,
  -- The specimen's number as it came; of a tube, its barcode.
  specimen TEXT,
  status TEXT,
  standing TEXT NOT NULL,
  call TEXT,
  test TEXT,
  test_text TEXT,
  disease TEXT,
  collected INTEGER,
  analysed INTEGER,
  reported INTEGER,
  received INTEGER NOT NULL,
  -- The report as it is judged: codes and times, and nobody's name.
  said TEXT NOT NULL,
  sealed TEXT,
  -- Whom a report about nobody's tube is about, when that is known.
  linked TEXT,
  settled INTEGER,
  settled_by TEXT,
  -- 'lab' while it waits for something there, 'outside' while it waits for an epidemiologist.
  waits TEXT
) STRICT;
CREATE INDEX lab_report_key ON lab_report (lab, key);
CREATE INDEX lab_report_specimen ON lab_report (specimen);
CREATE INDEX lab_report_waits ON lab_report (lab, waits, seq) WHERE waits IS NOT NULL;
CREATE INDEX lab_report_outside ON lab_report (territory, seq) WHERE waits = 'outside';

-- A code that came and that the packs do not know; `means` when somebody has said it.
CREATE TABLE lab_code (
  lab TEXT NOT NULL,
  kind TEXT NOT NULL,
  system TEXT NOT NULL,
  code TEXT NOT NULL,
  text TEXT NOT NULL,
  since INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  means TEXT,
  mapped INTEGER,
  by_whom TEXT,
  PRIMARY KEY (lab, kind, system, code)
) STRICT, WITHOUT ROWID;

-- Who read whom such a report is about; some twenty an hour are no list.
CREATE TABLE lab_opening (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  report INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX lab_opening_account ON lab_opening (account, at);

-- Which told report decided a tube that was in no run of ours.
ALTER TABLE lab_tube ADD COLUMN told INTEGER;
