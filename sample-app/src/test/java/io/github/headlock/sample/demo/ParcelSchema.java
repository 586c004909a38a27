package io.github.headlock.sample.demo;

/**
 * What the releases of the demo change in a database, as far as the tariff goes.
 *
 * @param migrations number of migrations in the history
 * @param required whether a parcel must have a tariff
 * @param checks number of constraints of parcels that are checked
 */
record ParcelSchema(int migrations, boolean required, int checks) {

	/** What V7 and V8 of db/next-release leave behind. */
	private static final int NEXT = 2;

	static ParcelSchema of(DemoDatabase database) {
		return new ParcelSchema(database.number("SELECT count(*) FROM flyway_schema_history"),
				database.number("SELECT count(*) FROM pg_attribute WHERE attrelid = 'parcel'::regclass "
						+ "AND attname = 'tariff' AND attnotnull") == 1,
				database.number(
						"SELECT count(*) FROM pg_constraint WHERE conrelid = 'parcel'::regclass AND contype = 'c'"));
	}

	/** What the next release makes of it. */
	ParcelSchema next() {
		return new ParcelSchema(this.migrations + NEXT, true, this.checks);
	}

	@Override
	public String toString() {
		return "%d migrations, tariff %s, %d checks".formatted(this.migrations, this.required ? "NOT NULL" : "nullable",
				this.checks);
	}

}
