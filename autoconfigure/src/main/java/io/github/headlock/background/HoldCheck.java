package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

import io.github.headlock.jdbc.SessionRow;
import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks from time to time whether something asks a background migration to hold. What is
 * found is written into its row, so that all processes hold. To be used by one thread.
 */
final class HoldCheck {

	private static final Logger logger = LoggerFactory.getLogger(HoldCheck.class);

	private static final Duration INTERVAL = Duration.ofSeconds(2);

	private static final String LOCKER = "SELECT " + SessionRow.COLUMNS
			+ " FROM pg_catalog.pg_stat_activity a WHERE a.pid = ?::int";

	private final BackgroundStore store;

	private final BackgroundDefinition definition;

	private final ThrottleSettings settings;

	private final String schema;

	private final WalRate wal = new WalRate();

	private final ReplicationLag lag;

	private final ApplicationThrottles application;

	private final HoldLog log;

	private @Nullable Stopwatch sinceLook;

	private boolean unreadable;

	HoldCheck(BackgroundStore store, BackgroundDefinition definition, ThrottleSettings settings, String schema) {
		this.store = store;
		this.definition = definition;
		this.settings = settings;
		this.schema = schema;
		this.lag = new ReplicationLag(settings.maxReplicationLag());
		this.application = new ApplicationThrottles(settings.beans());
		this.log = new HoldLog(definition.name());
	}

	/**
	 * Returns for how long it is not to be worked on, after a look if one is due.
	 * @param connection the connection, in autocommit mode
	 * @param progress what was read right before
	 * @return the time, not positive if it may be worked on
	 * @throws SQLException if the connection is lost
	 */
	Duration pause(Connection connection, Progress progress) throws SQLException {
		Hold hold = progress.hold();
		String because = hold.because();
		if (progress.state() != BackgroundState.RUNNING || progress.fullSpeed()) {
			this.log.forget();
			if (hold.exists()) {
				Transactions.run(connection, () -> this.store.holds().forget(connection, progress.name()));
			}
		}
		else if (progress.hash().equals(this.definition.hash())) {
			if (because != null && hold.isInForce()) {
				this.log.holds(because, hold.lasts());
			}
			else if (hold.exists() || (progress.pause().compareTo(INTERVAL) <= 0 && isDue())) {
				return look(connection, progress);
			}
			else {
				this.log.goesOn();
			}
		}
		return progress.pause();
	}

	private boolean isDue() {
		return this.sinceLook == null || this.sinceLook.elapsed().compareTo(INTERVAL) >= 0;
	}

	private Duration look(Connection connection, Progress progress) throws SQLException {
		this.sinceLook = new Stopwatch();
		Hold hold = progress.hold();
		List<HoldReason> found = readSignals(connection).stream().map((reason) -> reason.after(hold)).toList();
		Set<HoldKind> overdue = EnumSet.noneOf(HoldKind.class);
		overdue.addAll(hold.overdue());
		found.stream().filter(HoldReason::isGone).map(HoldReason::kind).forEach(overdue::remove);
		List<HoldReason> counting = found.stream()
			.filter((reason) -> reason.isReason() && !overdue.contains(reason.kind()))
			.toList();
		List<HoldReason> tooLong = counting.stream().filter((reason) -> hold.isTooLongFor(reason.kind())).toList();
		tooLong.forEach((reason) -> overdue.add(reason.kind()));
		HoldReason first = counting.stream().filter((reason) -> !tooLong.contains(reason)).findFirst().orElse(null);
		HoldReason reason = (first != null) ? first : this.application.ask(progress.name());
		boolean written = (reason.isReason() || hold.exists() || !overdue.equals(Set.copyOf(hold.overdue())))
				&& Transactions.run(connection, () -> this.store.holds()
					.write(connection, progress, reason.isReason() ? reason : null, overdue));
		if (written) {
			tooLong.forEach(this.log::ends);
		}
		return written ? goOn(progress, reason) : progress.pause();
	}

	private Duration goOn(Progress progress, HoldReason reason) {
		Hold hold = progress.hold();
		if (!reason.isReason()) {
			this.log.goesOn();
			return progress.pause();
		}
		this.log.holds(Objects.requireNonNull(reason.text()),
				hold.isContinuedBy(reason.kind()) ? hold.lasts() : Duration.ZERO);
		return (reason.pause().compareTo(progress.pause()) > 0) ? reason.pause() : progress.pause();
	}

	private List<HoldReason> readSignals(Connection connection) throws SQLException {
		try {
			HoldSignals signals = HoldSignals.read(connection, this.schema, this.definition.table(),
					this.lag.isWatched());
			this.wal.see(signals.walPosition());
			return List.of(tableLock(connection, signals), this.lag.reason(this.definition.name(), signals, this.wal),
					this.wal.reason(this.settings.maxWalRate()));
		}
		catch (SQLException ex) {
			if (connection.isClosed() || BatchFailure.of(ex) == BatchFailure.CONNECTION) {
				throw ex;
			}
			if (!this.unreadable) {
				this.unreadable = true;
				logger.warn(
						"Background migration \"{}\": it is worked on without a look at locks of its table, "
								+ "replication lag and WAL, which cannot be read: {}",
						this.definition, BatchFailure.describe(ex));
			}
			return List.of(HoldReason.unknown(HoldKind.TABLE_LOCK), HoldReason.unknown(HoldKind.REPLICATION_LAG),
					HoldReason.unknown(HoldKind.WAL_RATE));
		}
	}

	private static HoldReason tableLock(Connection connection, HoldSignals signals) throws SQLException {
		if (signals.lock() == null) {
			return HoldReason.none(HoldKind.TABLE_LOCK);
		}
		Object locker = (signals.locker() != 0) ? Statements.one(connection, LOCKER, SessionRow::read, signals.locker())
				: "a prepared transaction";
		return HoldReason.of(HoldKind.TABLE_LOCK,
				((locker != null) ? locker : "pid " + signals.locker()) + ", " + signals.lock());
	}

}
