package io.github.headlock.benchmark;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.github.headlock.benchmark.BackgroundRun.Work;

/**
 * All rows of a table are changed while others read and write some: by one statement in a
 * migration, and by a background migration without pauses.
 */
final class BackgroundPart extends MeasuredPart {

	static final String NAME = "background";

	static final List<Variant> VARIANTS = List.of(Variant.PLAIN, Variant.HEADLOCK);

	private static final List<Metric> METRICS = List.of(Metric.WRITER_MAX, Metric.WRITER_P99, Metric.READER_P99,
			Metric.BACKFILL_TIME, Metric.BACKFILL_TOTAL_TIME, Metric.BACKEND_CPU, Metric.BACKEND_TOTAL_CPU, Metric.WAL,
			Metric.TABLE_SIZE);

	private static final String WRITE = "UPDATE customer SET visits = visits + 1 WHERE id = ?";

	private static final int WRITES_PER_SECOND = 100;

	private static final String READ = "SELECT first_name, last_name, visits FROM customer WHERE id = ?";

	private static final int READS_PER_SECOND = 200;

	private static final double MEGABYTE = 1_000_000;

	private final List<Integer> rows;

	/**
	 * Creates the part.
	 * @param bench what all parts share
	 * @param rows numbers of rows
	 * @param rounds how often each is measured
	 */
	BackgroundPart(Bench bench, List<Integer> rows, int rounds) {
		super(new Topic(NAME, "Changing all rows of a table in the background", VARIANTS, METRICS,
				List.of(Metric.WRITER_MAX, Metric.BACKFILL_TIME, Metric.BACKEND_CPU, Metric.WAL)), bench, rounds);
		this.rows = rows;
	}

	@Override
	public List<Goal> goals() {
		return List.of(new Goal(Metric.WRITER_MAX, 0.05), new Goal(Metric.BACKEND_CPU, 1.2), new Goal(Metric.WAL, 1.2));
	}

	@Override
	public void run(Results results) throws Exception {
		for (int number : this.rows) {
			Backfill backfill = new Backfill(bench(), number);
			backfill.createTemplate();
			measure(results, situation(number), (variant, round) -> change(backfill, variant, round));
			backfill.dropTemplate();
		}
	}

	private Map<Metric, Double> change(Backfill backfill, Variant variant, int round) throws Exception {
		String database = String.format(Locale.ROOT, "background_%d_%d_%s", backfill.rows(), round,
				variant.name().toLowerCase(Locale.ROOT));
		backfill.createDatabase(database);
		try {
			return measure(database, backfill, variant, round);
		}
		finally {
			bench().drop(database);
		}
	}

	private Map<Metric, Double> measure(String database, Backfill backfill, Variant variant, int round)
			throws Exception {
		List<String> arguments = new ArrayList<>(ColdStart.arguments(bench().server().url(database)));
		arguments.addAll(backfill.arguments(variant));
		Path jar = bench().jars().with(0, variant);
		Path log = bench().log(NAME, variant, backfill.rows() + "-" + round);
		try (Connection connection = Traffic.connect(bench().server(), database);
				Traffic writer = traffic(database, WRITE, WRITES_PER_SECOND, backfill);
				Traffic reader = traffic(database, READ, READS_PER_SECOND, backfill);
				ServerUse use = ServerUse.watch(bench().server(), database);
				BackgroundRun run = BackgroundRun.start(jar, arguments, connection, log)) {
			Map<Metric, Double> values = new EnumMap<>(Metric.class);
			Work work = variant.hasHeadlock() ? run.awaitFirstPass() : run.awaitMigration();
			values.put(Metric.TABLE_SIZE, number(connection, "SELECT pg_total_relation_size('customer')") / MEGABYTE);
			Work all = variant.hasHeadlock() ? run.awaitSecondPass() : work;
			writer.close();
			reader.close();
			use.close();
			ensureChanged(connection, database);
			addUse(values, work, all, use);
			addWaits(values, writer.waits(work.begin(), work.end()), Metric.WRITER_MAX, 1);
			addWaits(values, writer.waits(work.begin(), work.end()), Metric.WRITER_P99, 0.99);
			addWaits(values, reader.waits(work.begin(), work.end()), Metric.READER_P99, 0.99);
			return values;
		}
	}

	private Traffic traffic(String database, String statement, int perSecond, Backfill backfill) throws SQLException {
		return Traffic.start(bench().server(), database, statement, perSecond, backfill.rows());
	}

	private static void addUse(Map<Metric, Double> values, Work work, Work all, ServerUse use) {
		values.put(Metric.BACKFILL_TIME, work.seconds());
		values.put(Metric.BACKFILL_TOTAL_TIME, work.secondsWith(all));
		ServerUse.Sample begin = use.at(work.begin());
		ServerUse.Sample end = use.at(work.end());
		values.put(Metric.BACKEND_CPU, (double) (end.cpuMillis() - begin.cpuMillis()));
		values.put(Metric.BACKEND_TOTAL_CPU, (double) (use.at(all.end()).cpuMillis() - begin.cpuMillis()));
		values.put(Metric.WAL, (end.wal() - begin.wal()) / MEGABYTE);
	}

	/** Nothing if the work has ended before any was due. */
	private static void addWaits(Map<Metric, Double> values, List<Double> waits, Metric metric, double share) {
		if (!waits.isEmpty()) {
			values.put(metric, Spread.quantile(waits, share));
		}
	}

	private static void ensureChanged(Connection connection, String database) throws SQLException {
		if (number(connection, "SELECT count(*) FROM customer WHERE full_name IS NULL") != 0) {
			throw new IllegalStateException("Not all rows of " + database + " were changed");
		}
	}

	private static double number(Connection connection, String query) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(query)) {
			row.next();
			return row.getDouble(1);
		}
	}

	static String situation(int rows) {
		return rows + " rows";
	}

}
