-- Remove the index of items by batch
drop index "p_golden"."ix_t_items_c_batch";

-- Remove the uniqueness of items by sku, batch
alter table "p_golden"."items" drop constraint "uq_t_items_ea24940395201841";

-- Add the uniqueness of items by sku
alter table "p_golden"."items" add constraint "uq_t_items_c_sku" unique ("sku");

-- Add the uniqueness of items by shelf_id
alter table "p_golden"."items" add constraint "uq_t_items_c_shelf_id" unique ("shelf_id");

-- Add the index of items by batch, spot
create index "ix_t_items_62cac8e0997bf566" on "p_golden"."items" ("batch", "spot");
