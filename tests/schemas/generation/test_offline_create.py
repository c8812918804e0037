"""What the offline engine makes of descriptions."""

import pytest

from schemas.blueprints import blueprint, blueprints
from schemas.document import Schema
from schemas.generation import Generation, generate
from schemas.generation.offline import OfflineEngine
from schemas.validation import validate


def draft(prompt: str, active: Schema | None = None) -> Generation:
    return generate(prompt, active=active, engine=OfflineEngine())


def shape(schema: Schema) -> dict[str, set[str]]:
    """Tables with their columns as `name:type`, relations as `name>target`."""
    return {
        table.name: {
            f"{column.name}>{column.config['to_table']}" if column.is_relation else f"{column.name}:{column.type}"
            for column in table.columns
        }
        for table in schema
    }


# prompt -> exactly these tables, each with at least these columns and relations
DESCRIPTIONS: dict[str, dict[str, set[str]]] = {
    "Create a CRM for real estate agents with properties, agents and showings": {
        "properties": {"address:text", "price:currency", "status:select", "bedrooms:integer", "agent_id>agents"},
        "agents": {"full_name:text", "email:email", "phone:phone", "commission_rate:percent"},
        "showings": {"scheduled_at:datetime", "status:select", "property_id>properties", "agent_id>agents"},
    },
    "patients with name and birthday, appointments linked to a patient and a dentist; each treatment has a price": {
        "patients": {"name:text", "birthday:date"},
        "appointments": {"patient_id>patients", "dentist_id>dentists", "starts_at:datetime"},
        "dentists": {"full_name:text"},
        "treatments": {"price:currency"},
    },
    "I run a dental clinic and need to track patients, dentists and treatments": {
        "patients": {"full_name:text", "date_of_birth:date"},
        "dentists": {"full_name:text", "specialty:select"},
        "treatments": {"price:currency", "patient_id>patients", "dentist_id>dentists"},
    },
    "Build an app to manage hives, beekeepers and harvests. Each hive has a location and a status (healthy, weak, "
    "dead). Each harvest belongs to a hive and has a date and a weight.": {
        "hives": {"location:text", "status:select"},
        "beekeepers": {"full_name:text"},
        "harvests": {"date:date", "weight:decimal", "hive_id>hives"},
    },
    "CRM with clients (name, email, phone), projects (title, budget, deadline, status: open, done) and invoices linked "
    "to a client and a project": {
        "clients": {"name:text", "email:email", "phone:phone"},
        "projects": {"title:text", "budget:currency", "deadline:date", "status:select"},
        "invoices": {"client_id>clients", "project_id>projects", "due_date:date"},
    },
    "I want a wine collection tracker with bottles, producers and regions. Bottles have name, vintage year, price in "
    "EUR, rating and notes, and belong to a producer. A producer belongs to a region.": {
        "bottles": {
            "vintage_year:integer",
            "price:currency",
            "rating:rating",
            "notes:long_text",
            "producer_id>producers",
        },
        "producers": {"region_id>regions"},
        "regions": {"name:text"},
    },
    "Library: books with title, author, isbn (unique) and page count, members with full name and email, loans linked "
    "to a book and a member with loan date, due date and returned": {
        "books": {"title:text", "author:text", "isbn:text", "page_count:integer"},
        "members": {"full_name:text", "email:email"},
        "loans": {"loan_date:date", "due_date:date", "returned:boolean", "book_id>books", "member_id>members"},
    },
    "boats with name and length, skippers, and trips": {
        "boats": {"name:text", "length:decimal"},
        "skippers": {"full_name:text"},
        "trips": {"boat_id>boats", "skipper_id>skippers"},
    },
    "Students can have many courses and courses can have many students": {
        "students": {"full_name:text", "courses>courses"},
        "courses": {"title:text"},
    },
    "recipes with title, ingredients, steps and cooking time": {
        "recipes": {"title:text", "ingredients:long_text", "steps:long_text", "cooking_time:duration"},
    },
    "- Tenants: name, phone, email (required, unique)\n- Apartments: number, floor, monthly rent, is furnished\n"
    "- Leases: start and end date, deposit, linked to a tenant and an apartment": {
        "tenants": {"name:text", "phone:phone", "email:email"},
        "apartments": {"number:text", "floor:integer", "monthly_rent:currency", "is_furnished:boolean"},
        "leases": {
            "start_date:date",
            "end_date:date",
            "deposit:currency",
            "tenant_id>tenants",
            "apartment_id>apartments",
        },
    },
    "Customer has many orders; order has number, total and order date; orders have many order lines with quantity and "
    "price": {
        "customers": {"full_name:text"},
        "orders": {"number:text", "total:currency", "order_date:date", "customer_id>customers"},
        "order_lines": {"quantity:integer", "price:currency", "order_id>orders"},
    },
    "Help me keep track of my plants, when they were watered": {"plants": {"name:text", "watered_on:date"}},
    "A volunteer management database for a food bank: volunteers, shifts, donations from donors": {
        "volunteers": {"full_name:text"},
        "shifts": {"starts_at:datetime"},
        "donations": {"amount:currency", "donor_id>donors"},
        "donors": {"full_name:text"},
    },
    "An app for recipes and ingredients": {"recipes": {"name:text"}, "ingredients": {"name:text"}},
    "Make me a system for a car rental company with cars, customers and rentals": {
        "cars": set(),
        "customers": {"full_name:text"},
        "rentals": {"car_id>cars", "customer_id>customers"},
    },
    "Please build me a help desk where I can track tickets and customers": {
        "tickets": {"subject:text", "status:select", "priority:select", "customer_id>customers"},
        "customers": {"email:email"},
    },
    "We need a gym app with members, trainers and classes": {
        "members": {"full_name:text", "plan_name:text"},
        "trainers": {"hourly_rate:currency"},
        "classes": {"trainer_id>trainers", "capacity:integer"},
    },
    "An inventory system with products, suppliers and warehouses": {
        "products": {"sku:text", "unit_price:currency", "supplier_id>suppliers"},
        "suppliers": {"email:email"},
        "warehouses": {"city:text"},
    },
    "Employees have a first and last name, a hire date, a salary and a department. Departments have a name.": {
        "employees": {"first_name:text", "last_name:text", "hire_date:date", "salary:currency"},
        "departments": {"name:text"},
    },
    "machines (serial number, purchase date, is active), inspections per machine with inspector and result (pass, "
    "fail)": {
        "machines": {"serial_number:text", "purchase_date:date", "is_active:boolean"},
        "inspections": {"machine_id>machines", "inspector:text", "result:select"},
    },
    "I own a bakery. I want to track orders, customers and the products we sell. Each order is for a customer and has "
    "a pickup date and a total.": {
        "orders": {"pickup_date:date", "total:currency", "customer_id>customers"},
        "customers": {"full_name:text"},
        "products": {"unit_price:currency"},
    },
    "we are a small hotel, we need rooms, guests and bookings": {
        "rooms": {"nightly_rate:currency"},
        "guests": {"full_name:text"},
        "bookings": {"guest_id>guests", "room_id>rooms"},
    },
    "Fleet management with vehicles, drivers and trips. A trip has a driver and a vehicle, start time, end time and "
    "mileage. Vehicles have license plate, make, model and year.": {
        "vehicles": {"license_plate:text", "year:integer"},
        "drivers": {"full_name:text"},
        "trips": {"start_time:time", "mileage:decimal", "driver_id>drivers", "vehicle_id>vehicles"},
    },
    "farm: animals (tag number, species, birth date, weight), fields (name, area), crops planted in a field with "
    "planting date and harvest date": {
        "animals": {"birth_date:date", "weight:decimal"},
        "fields": {"name:text", "area:decimal"},
        "crops": {"planting_date:date", "harvest_date:date", "field_id>fields"},
    },
    "Podcast planner: episodes with title, guest, recording date and status; guests with name, email, bio and website; "
    "sponsors": {
        "episodes": {"title:text", "recording_date:date", "status:select", "guest_id>guests"},
        "guests": {"email:email", "bio:long_text", "website:url"},
        "sponsors": set(),
    },
    "Creat a app for my dog walking bussiness with clients, dogs and walks": {
        "clients": {"full_name:text"},
        "dogs": {"breed:text", "client_id>clients"},
        "walks": {"starts_at:datetime", "dog_id>dogs"},
    },
    "We are a law office and need to manage clients and their cases, plus court hearings for each case": {
        "clients": {"name:text"},
        "cases": {"client_id>clients"},
        "court_hearings": {"case_id>cases"},
    },
    "Need database: employees (name, email, hire date), departments, each employee belongs to a department": {
        "employees": {"name:text", "email:email", "hire_date:date", "department_id>departments"},
        "departments": {"name:text"},
    },
    "A law firm tool with clients, cases and hearings": {
        "clients": {"name:text"},
        "cases": {"client_id>clients", "status:select"},
        "hearings": {"case_id>cases", "held_at:datetime"},
    },
}


@pytest.mark.parametrize(("prompt", "expected"), DESCRIPTIONS.items(), ids=[prompt[:40] for prompt in DESCRIPTIONS])
def test_every_thing_attribute_and_link_of_a_description_is_drafted(prompt: str, expected: dict[str, set[str]]) -> None:
    generation = draft(prompt)

    assert generation.outcome == "schema"
    assert generation.intent == "CREATE"
    assert generation.schema is not None
    drafted = shape(generation.schema)
    assert set(drafted) == set(expected)
    for table, columns in expected.items():
        assert columns <= drafted[table]
    assert validate(generation.schema.to_json()).valid


def test_the_flagship_prompt_gives_a_schema_that_needs_no_touching_up() -> None:
    generation = draft("Create a CRM for real estate agents with properties, agents and showings")

    assert generation.schema is not None
    assert generation.schema.name == "Real estate CRM"
    properties = generation.schema.table("properties")
    assert properties.ui_hints.title_column == "address"
    assert properties.ui_hints.icon == "home"
    assert [option["label"] for option in properties.column("status").config["options"]][:2] == [
        "Available",
        "Under offer",
    ]
    assert properties.column("address").required
    assert all(table.ui_hints.list_columns for table in generation.schema)
    assert not any(
        column.config.get("to_table") == "clients" for table in generation.schema for column in table.columns
    )


@pytest.mark.parametrize("item", blueprints(), ids=lambda item: item.key)
def test_the_prompt_of_a_template_makes_tables_of_that_template(item) -> None:
    generation = draft(item.prompt)

    assert generation.schema is not None
    known = {table.name for table in item.document} | {alias for group in item.aliases.values() for alias in group}
    names = {table.name for table in generation.schema}
    assert len(names) >= 3
    assert {name for name in names if name in known} or item.key == "clinic"


def test_a_line_of_work_alone_gives_the_whole_template() -> None:
    generation = draft("a CRM for a gym")

    assert generation.schema is not None
    assert [table.name for table in generation.schema] == [table.name for table in blueprint("gym").document]


def test_a_line_of_work_that_no_template_knows_is_said_so() -> None:
    generation = draft("Create a CRM for plumbers")

    assert generation.schema is not None
    assert any("No template knows" in warning for warning in generation.warnings)


@pytest.mark.parametrize(
    "prompt", ["asdf qwer zxcv", "hello", "what is the weather today?", "?!", "12345", "🎉🎉", "-- ; drop"]
)
def test_nonsense_is_answered_with_a_question_and_suggestions(prompt: str) -> None:
    generation = draft(prompt)

    assert generation.outcome == "clarify"
    assert generation.intent == "NONE"
    assert generation.schema is None
    assert generation.message.endswith(("?", "them."))
    assert all(draft(suggestion).outcome == "schema" for suggestion in generation.suggestions)


def test_it_says_that_no_model_was_used() -> None:
    generation = draft("a CRM for a gym")

    assert generation.engine == "offline"
    assert generation.model == ""
    assert generation.usage.output_tokens == 0
    assert "No AI model was used" in generation.warnings[0]


@pytest.mark.parametrize("prompt", list(DESCRIPTIONS)[:6])
def test_equal_prompts_give_equal_bytes(prompt: str) -> None:
    first, second = draft(prompt), draft(prompt)

    assert first.schema is not None
    assert second.schema is not None
    assert first.schema.canonical_bytes() == second.schema.canonical_bytes()


def test_listed_choices_become_options_with_telling_colours() -> None:
    schema = draft("tickets with subject and state (open, lost, won)").schema

    assert schema is not None
    options = schema.table("tickets").column("state").config["options"]
    assert [(option["value"], option["color"]) for option in options] == [
        ("open", "green"),
        ("lost", "red"),
        ("won", "green"),
    ]


def test_flags_in_parentheses_are_kept() -> None:
    schema = draft("members with full name and email (required, unique) and notes (optional)").schema

    assert schema is not None
    email = schema.table("members").column("email")
    assert (email.required, email.unique) == (True, True)
    assert not schema.table("members").column("notes").required


def test_a_given_name_is_the_name() -> None:
    schema = draft('Make me a system called "Drive Easy" with cars and customers').schema

    assert schema is not None
    assert schema.name == "Drive Easy"


def test_words_that_are_no_names_still_give_valid_names() -> None:
    prompt = "things with class, id, delete, created_at, user's größe, 3d model and " + "very " * 30 + "long name"

    generation = draft(f"gadgets and {prompt}")

    assert generation.schema is None or validate(generation.schema.to_json()).valid


def test_a_huge_prompt_is_answered_too() -> None:
    prompt = "CRM with " + ", ".join(f"things{number} with name and price" for number in range(90))

    generation = draft(prompt[:4000])

    assert generation.outcome in ("schema", "reject")
