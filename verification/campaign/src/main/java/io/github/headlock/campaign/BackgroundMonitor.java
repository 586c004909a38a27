package io.github.headlock.campaign;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import io.github.headlock.campaign.Invariant.Violation;

/**
 * Looks all the time at what must hold at any moment, whatever strikes.
 */
final class BackgroundMonitor implements AutoCloseable {

	private static final long PERIOD = 20;

	private static final int LOOKS_PER_SUM = 10;

	/** More of the same say nothing. */
	private static final int ENOUGH = 5;

	private final RoundDatabase database;

	private final int workers;

	private final Set<Violation> violations = new LinkedHashSet<>();

	private final Thread thread = new Thread(this::watch, "monitor");

	private volatile boolean over;

	/**
	 * Begins to look.
	 * @param database the database of the round
	 * @param workers most open batches
	 */
	BackgroundMonitor(RoundDatabase database, int workers) {
		this.database = database;
		this.workers = workers;
		this.thread.setDaemon(true);
		this.thread.start();
	}

	private void watch() {
		while (!this.over) {
			try (Connection connection = this.database.connect()) {
				for (int i = 0; !this.over; i++) {
					if (BackgroundProgress.exists(connection)) {
						look(connection, i % LOOKS_PER_SUM == 0);
					}
					Wait.pause(PERIOD);
				}
			}
			catch (SQLException ex) {
				// the server is away
				Wait.pause(PERIOD);
			}
		}
	}

	private void look(Connection connection, boolean sum) throws SQLException {
		for (String open : RoundDatabase.list(connection, "SELECT count(*) FROM " + BackgroundProgress.BATCHES
				+ " WHERE NOT failed HAVING count(*) > " + this.workers)) {
			add(new Violation(Invariant.OPEN_BATCHES,
					String.format(Locale.ROOT, "%s of at most %d", open, this.workers)));
		}
		BackgroundWatch.holdsLeft(connection).forEach((held) -> add(new Violation(Invariant.HOLD, held)));
		BackgroundWatch.fullSpeedLeft(connection).forEach((fast) -> add(new Violation(Invariant.FULL_SPEED, fast)));
		if (sum) {
			BackgroundProgress.wrong(connection).forEach((wrong) -> add(new Violation(Invariant.ATOMIC, wrong)));
		}
	}

	private synchronized void add(Violation violation) {
		if (this.violations.size() < ENOUGH) {
			this.violations.add(violation);
		}
	}

	/** What did not hold. */
	synchronized List<Violation> violations() {
		return new ArrayList<>(this.violations);
	}

	@Override
	public void close() {
		this.over = true;
		Wait.forEnd(this.thread);
	}

}
