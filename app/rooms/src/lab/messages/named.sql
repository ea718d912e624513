-- Results under whose keys something still lies that may name somebody: whom a report of nobody's tube is about, or why somebody
-- opened or settled it. In the order in which they came.
CREATE TABLE lab_report_named (
  report INTEGER PRIMARY KEY
) STRICT;
INSERT INTO lab_report_named (report)
  SELECT seq FROM lab_report WHERE sealed IS NOT NULL OR settled IS NOT NULL UNION SELECT report FROM lab_opening;
