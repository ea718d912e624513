-- Which sample of the laboratory a test is: a mark of its tube, which cannot be read back. Of one written down by hand there is none.
ALTER TABLE followup_test ADD COLUMN swab TEXT;
CREATE UNIQUE INDEX followup_test_swab ON followup_test (course, swab);
