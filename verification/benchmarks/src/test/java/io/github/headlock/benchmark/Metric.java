package io.github.headlock.benchmark;

/**
 * What is measured.
 */
enum Metric {

	/** From the start of the JVM until the application is ready. */
	START_TIME("whole start: time", "ms"),

	START_CPU("whole start: CPU", "ms"),

	/** What the same application needs in addition to a start without Flyway. */
	ADDED_CPU("CPU beyond a start without Flyway", "ms"),

	/** Also in addition to a start without Flyway. */
	ADDED_CLASSES("classes beyond a start without Flyway", ""),

	START_CLASSES("whole start: classes loaded", ""),

	START_CONNECTIONS("whole start: connections opened", ""),

	START_TURNS("whole start: round trips", ""),

	STRATEGY_TIME("migration strategy: time", "ms"),

	STRATEGY_CPU("migration strategy: CPU", "ms"),

	STRATEGY_CLASSES("migration strategy: classes loaded", ""),

	/** Without those that the application's own query loads where no strategy did. */
	STRATEGY_ADDED_CLASSES("migration strategy: classes that the application's query does not need", ""),

	/** Of the application's own query, after the strategy. */
	QUERY_CLASSES("first query: classes loaded", ""),

	STRATEGY_CONNECTIONS("migration strategy: connections opened", ""),

	STRATEGY_TURNS("migration strategy: round trips", ""),

	/** Of a rollout, within the time that it is given. */
	READY("replicas that are ready in time", ""),

	FAILED("replicas whose start failed", ""),

	/** Only of rollouts whose replicas are all ready. */
	ALL_READY("until the last replica is ready", "s"),

	/** Only of rollouts whose replicas are all ready, and that apply it. */
	LAST_READY("end of the migration until the last replica is ready", "s"),

	PEAK_CONNECTIONS("most connections at a time", ""),

	PEAK_IDLE("most sessions idle in transaction at a time", ""),

	TURNS_PER_SECOND("round trips a second", ""),

	TRANSACTIONS_PER_SECOND("transactions a second", ""),

	LISTING("listing the migrations", "µs"),

	/** Only Headlock's: Flyway's is not to be had without a database. */
	COMPARISON("comparing them with the history", "µs"),

	/** From when a write is due until it is done. */
	WRITER_MAX("longest wait of a writer", "ms", 1),

	WRITER_P99("99th percentile of a writer's waits", "ms", 1),

	READER_P99("99th percentile of a reader's waits", "ms", 1),

	/** Until all rows have been changed, or passed because they were locked. */
	BACKFILL_TIME("until the rows are changed", "s"),

	/** With the pass that finds rows that the first one has not changed. */
	BACKFILL_TOTAL_TIME("with the second pass, without the pause before it", "s"),

	/** Of the server's processes that work for the application. */
	BACKEND_CPU("CPU of the application's sessions in PostgreSQL", "ms"),

	BACKEND_TOTAL_CPU("the same, with the second pass", "ms"),

	/** Of all, also of writers. */
	WAL("WAL", "MB"),

	/** With indexes, at the end of the first pass. */
	TABLE_SIZE("size of the table and its indexes afterwards", "MB");

	private final String title;

	private final String unit;

	private final int digits;

	Metric(String title, String unit) {
		this(title, unit, unit.equals("s") ? 2 : 0);
	}

	Metric(String title, String unit, int digits) {
		this.title = title;
		this.unit = unit;
		this.digits = digits;
	}

	/** In words, without the unit. */
	String words() {
		return this.title;
	}

	/** In words, with the unit. */
	String title() {
		return this.unit.isEmpty() ? this.title : this.title + ", " + this.unit;
	}

	/** How many digits after the point say something. */
	int digits() {
		return this.digits;
	}

	/** The median, with the unit. */
	String text(Spread spread) {
		String median = new Spread(spread.median(), spread.median(), spread.median()).text(digits());
		return this.unit.isEmpty() ? median : median + " " + this.unit;
	}

}
