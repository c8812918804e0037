-- Remove the limits of notes.topics
alter table "p_golden"."notes" drop constraint "ck_t_notes_c_topics";

-- Change the default of notes.topics
alter table "p_golden"."notes" alter column "topics" set default array['green', 'it''s']::text[];

-- Add the limits of notes.topics
alter table "p_golden"."notes" add constraint "ck_t_notes_c_topics" check (("topics" <@ array['blue', 'green', 'it''s']::text[]) and (array_ndims("topics") = 1 and cardinality("topics") between 1 and 3));
