package io.github.headlock.campaign;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

import io.github.headlock.testbed.JdbcUrl;

/**
 * The application at work on the table of a background migration: transactions on several
 * rows in random order, and, as long as a release runs that knows nothing of the new
 * column, rows in the old form. Sessions have rows of their own for these transactions,
 * so that no two of them can be in a deadlock with each other.
 */
final class CustomerTraffic implements AutoCloseable {

	private static final int SESSIONS = 2;

	private static final int HOT_ROWS = 40;

	private static final long PERIOD = 15;

	private static final String DEADLOCK = "40P01";

	private static final String OLD_FORM = "INSERT INTO customer (id, n, first_name, last_name) VALUES (%s, ?, 'a', 'b')";

	private static final String NEW_FORM = "INSERT INTO customer (id, n, first_name, last_name, full_name, needed) "
			+ "VALUES (%s, ?, 'a', 'b', 'a b', 0)";

	private static final String RESET = "UPDATE customer SET full_name = NULL, needed = needed + 1 "
			+ "WHERE n = ? AND full_name IS NOT NULL";

	private static final String DELETE = "WITH gone AS (DELETE FROM customer WHERE n = ? RETURNING *) "
			+ "INSERT INTO customer_gone SELECT needed, times, full_name IS NULL FROM gone";

	private static final String VISIT = "UPDATE customer SET visits = visits + 1 WHERE n = ?";

	private final String url;

	private final String role;

	private final BackgroundScenario scenario;

	private final AtomicLong last;

	private final List<Thread> threads = new ArrayList<>();

	private final Queue<String> deadlocks = new ConcurrentLinkedQueue<>();

	private final Timeline timeline;

	private volatile boolean columnThere;

	private volatile boolean oldForm = true;

	private volatile boolean over;

	/**
	 * Starts sessions of the application.
	 * @param url the database's JDBC URL
	 * @param role the role they log in as
	 * @param scenario the table
	 * @param seed what they do is drawn from
	 * @param timeline notes deadlocks
	 */
	CustomerTraffic(String url, String role, BackgroundScenario scenario, long seed, Timeline timeline) {
		this.timeline = timeline;
		this.url = JdbcUrl.with(url, "ApplicationName=shop", "prepareThreshold=0", "socketTimeout=40");
		this.role = role;
		this.scenario = scenario;
		this.last = new AtomicLong(scenario.rows());
		for (int i = 0; i < SESSIONS; i++) {
			int own = i;
			start((connection, random) -> visit(connection, random, own), seed + i);
		}
		start(this::write, seed + SESSIONS);
	}

	private void start(Work work, long seed) {
		Thread thread = new Thread(() -> work(work, new Random(seed)), "traffic");
		thread.setDaemon(true);
		thread.start();
		this.threads.add(thread);
	}

	private void work(Work work, Random random) {
		while (!this.over) {
			try (Connection connection = DriverManager.getConnection(this.url, this.role, "")) {
				while (!this.over) {
					work.run(connection, random);
					Wait.pause(PERIOD);
				}
			}
			catch (SQLException ex) {
				// the application shows an error, and tries again
				if (DEADLOCK.equals(ex.getSQLState())) {
					this.deadlocks.add(String.valueOf(ex.getMessage()));
					this.timeline.note("the application is told: %s", ex);
				}
				Wait.pause(PERIOD * 2);
			}
		}
	}

	private void visit(Connection connection, Random random, int own) throws SQLException {
		List<Long> rows = new ArrayList<>();
		for (long i = own; i < HOT_ROWS; i += SESSIONS) {
			rows.add(1 + i * (this.scenario.rows() / HOT_ROWS));
		}
		Collections.shuffle(rows, random);
		connection.setAutoCommit(false);
		for (long row : rows.subList(0, 3 + random.nextInt(3))) {
			execute(connection, VISIT, row);
			Wait.pause(random.nextInt(4));
			if (this.oldForm && this.columnThere && random.nextInt(20) == 0) {
				execute(connection, RESET, row);
			}
		}
		connection.commit();
	}

	private void write(Connection connection, Random random) throws SQLException {
		String id = this.scenario.uuid() ? "gen_random_uuid()" : "?";
		boolean old = this.oldForm || !this.columnThere;
		String insert = String.format(Locale.ROOT, old ? OLD_FORM : NEW_FORM, id);
		long n = this.last.incrementAndGet();
		if (this.scenario.uuid()) {
			execute(connection, insert, n);
		}
		else {
			execute(connection, insert, n, n);
		}
		long any = 1L + random.nextInt(this.scenario.rows());
		if (this.columnThere && this.oldForm && random.nextInt(3) == 0) {
			execute(connection, RESET, any);
		}
		if (this.columnThere && random.nextInt(4) == 0) {
			execute(connection, DELETE, any);
		}
	}

	private static void execute(Connection connection, String sql, long... arguments) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			for (int i = 0; i < arguments.length; i++) {
				statement.setLong(i + 1, arguments[i]);
			}
			statement.executeUpdate();
		}
	}

	/** From now on the table has the new column. */
	void expectColumn() {
		this.columnThere = true;
	}

	/** Whether an older release writes as well. */
	void writeOldForm(boolean old) {
		this.oldForm = old;
	}

	/** Number for a row that the campaign itself adds. */
	long nextRow() {
		return this.last.incrementAndGet();
	}

	/** What the victims of deadlocks were told. */
	List<String> deadlocks() {
		return List.copyOf(this.deadlocks);
	}

	@Override
	public void close() {
		this.over = true;
		for (Thread thread : this.threads) {
			Wait.forEnd(thread);
		}
	}

	/**
	 * What a session does again and again.
	 */
	private interface Work {

		void run(Connection connection, Random random) throws SQLException;

	}

}
