-- Who was found and is no case yet.
CREATE INDEX lab_hold_found ON lab_hold (barcode, position) WHERE state = 'confirmed' AND subject IS NULL;
-- Who was found since: earlier negatives are doubted by it.
CREATE INDEX lab_hold_confirmed ON lab_hold (ended, who) WHERE state = 'confirmed';
