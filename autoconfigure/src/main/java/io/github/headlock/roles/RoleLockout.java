package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

import io.github.headlock.PrintableText;
import io.github.headlock.jdbc.ConnectionFailure;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.jdbc.ReadConnection;
import io.github.headlock.jdbc.RootCause;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.lock.LockLostException;
import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the application's roles out from when it begins until it is closed. To be used by
 * one thread.
 */
public final class RoleLockout implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(RoleLockout.class);

	/** Whoever stays blocked needs another start, so take the time. */
	private static final Duration TIMEOUT = Duration.ofMinutes(1);

	private final UUID run = UUID.randomUUID();

	private final MigrationConnections connections;

	private final RoleJournal journal;

	private final HeldLock lock;

	private final List<RoleFacts> roles;

	private final RefusedLogin refusedLogin;

	private final SessionSettings settings;

	private boolean begun;

	/** What this process knows to be blocked by it. */
	private List<RoleJournal.Entry> blocked = List.of();

	/** Set if it is unknown whether this process has blocked roles, or will have. */
	private @Nullable UnknownOutcomeException unknown;

	private int terminated;

	/** Process id of the session that was recorded last. */
	private int session;

	RoleLockout(MigrationConnections connections, RoleJournal journal, HeldLock lock, List<RoleFacts> roles,
			RefusedLogin refusedLogin, SessionSettings settings) {
		this.connections = connections;
		this.journal = journal;
		this.lock = lock;
		this.roles = roles;
		this.refusedLogin = refusedLogin;
		this.settings = settings;
	}

	/**
	 * Blocks the roles and waits until their sessions are gone, unless that was done
	 * before. Whatever happens here, closing undoes it.
	 * @param connection a connection of the migrating role, in autocommit mode, which is
	 * given back as it was
	 * @throws io.github.headlock.roles.SessionsNotDrainedException if sessions are left
	 * in the end
	 * @throws RolesNotBlockableException if the database refuses
	 * @throws io.github.headlock.lock.LockLostException if the migration lock was lost
	 * @throws io.github.headlock.waiting.StartInterruptedException if this thread was
	 * interrupted
	 * @throws SQLException if the connection is lost
	 */
	public void begin(Connection connection) throws SQLException {
		if (this.begun) {
			return;
		}
		logger.info("Blocking the roles {} for the migration", names());
		Stopwatch stopwatch = new Stopwatch();
		warnIfTheyHaveNoSession(connection);
		RoleBlockers blockers = this.settings.terminate() ? RoleBlockers.ending(this.lock, new RoleSessions(oids()))
				: RoleBlockers.looking(this.lock);
		block(connection, blockers);
		this.terminated = blockers.terminated().size();
		try (Connection lent = ReadConnection.lent(connection)) {
			this.terminated = new Drain(new RoleSessions(oids()), this.settings.terminate(), blockers.terminated(),
					this.settings.drainTimeout())
				.await(lent, this.lock);
		}
		logger.info("No session of these roles is left after {}; terminated: {}",
				Stopwatch.seconds(stopwatch.elapsed()), this.terminated);
	}

	/** A pooler may log in as another role than its clients do. */
	private void warnIfTheyHaveNoSession(Connection connection) throws SQLException {
		RoleSessions sessions = new RoleSessions(oids());
		List<String> others = sessions.list(connection).isEmpty() ? sessions.otherRoles(connection) : List.of();
		if (!others.isEmpty()) {
			logger.warn(
					"The roles {} have no session in this database, and the roles {} have: if the application, or a "
							+ "pooler for it, logs in as one of these, name that one in headlock.sessions.roles",
					names(), others);
		}
	}

	private void block(Connection connection, RoleBlockers blockers) throws SQLException {
		this.begun = true;
		try {
			this.blocked = RoleTransaction.on(connection, this.connections, TIMEOUT, blockers).run((transaction) -> {
				this.lock.ensureHeldAsSeenBy(transaction);
				List<RoleJournal.Entry> entries = this.journal.block(transaction, this.run, this.settings.blockWith(),
						oids());
				ensureBlocked(transaction);
				// the next holder may have waited for this, and would not record the
				// roles
				this.lock.ensureHeldAsSeenBy(transaction);
				return entries;
			});
		}
		catch (UnknownOutcomeException ex) {
			this.unknown = ex;
			throw ex;
		}
		catch (SQLException ex) {
			if (ConnectionFailure.mayPass(ex)) {
				throw ex;
			}
			String reason = PrintableText.line(ex.getMessage());
			List<String> triggers = EventTriggers.behind(connection, ex);
			PreflightFailure refused = triggers.isEmpty() ? new PreflightFailure(reason, remedy(blockers))
					: refusedBy(triggers, reason);
			throw new RolesNotBlockableException(List.of(refused), ex);
		}
	}

	private PreflightFailure refusedBy(List<String> triggers, String reason) {
		String table = this.journal.table().name();
		return new PreflightFailure(
				String.format(Locale.ROOT, "the event trigger %s refuses the table %s, which records blocked roles: %s",
						String.join(", ", triggers), table, reason),
				String.format(Locale.ROOT, "let it accept the table %s, or disable it for the migration: %s", table,
						triggers.stream()
							.map((trigger) -> String.format(Locale.ROOT, "ALTER EVENT TRIGGER %s DISABLE;", trigger))
							.collect(Collectors.joining(" "))));
	}

	private static String remedy(RoleBlockers blockers) {
		return blockers.seen().isEmpty() ? "remove what the database objects to"
				: "end the blocking transactions, or their sessions with pg_terminate_backend(pid); with "
						+ "headlock.terminate-db-sessions=true, sessions of the application's roles in this database "
						+ "are ended";
	}

	/** The facts may have changed since they were read. */
	private void ensureBlocked(Connection connection) throws SQLException {
		List<String> open = new RoleSessions(oids()).rolesThatMayConnect(connection, this.settings.blockWith());
		if (!open.isEmpty()) {
			throw new RolesNotBlockableException(
					List.of(new PreflightFailure("the database does not keep these roles out: " + open,
							"find out what else allows them to connect, or set another headlock.sessions.block-with")),
					null);
		}
	}

	/**
	 * Records the session that migrates, so that nobody restores the roles while it is
	 * there.
	 * @param pid process id of its server process
	 */
	public void recordSession(int pid) {
		if (!this.begun || pid == this.session) {
			return;
		}
		try {
			RoleTransaction.opening(this.connections, Duration.ZERO, RoleBlockers.looking(this.lock))
				.run((connection) -> this.journal.recordSession(connection, this.run, pid));
		}
		catch (SQLException ex) {
			logger.warn("The session of the migration cannot be recorded beside the blocked roles: {}",
					RootCause.describe(ex));
		}
		this.session = pid;
	}

	private List<Long> oids() {
		return this.roles.stream().map(RoleFacts::oid).toList();
	}

	private List<String> names() {
		return this.roles.stream().map(RoleFacts::shown).toList();
	}

	/**
	 * Explains a migration that failed because it logged in as one of the roles, as a
	 * Java migration does that uses the application's data source.
	 * @param failure why the migration failed
	 * @return the explanation, or the failure itself if it has another reason
	 */
	public RuntimeException explain(RuntimeException failure) {
		return (this.begun ? this.refusedLogin.behind(failure) : Optional.<SQLException>empty()).<RuntimeException>map(
				(refused) -> new BlockedRoleLoginException(names(), PrintableText.line(refused.getMessage()), failure))
			.orElse(failure);
	}

	/**
	 * Returns how many sessions were terminated.
	 * @return the number
	 */
	public int terminatedSessions() {
		return this.terminated;
	}

	/**
	 * Lets the roles in again, unless another process that has the lock by now has done
	 * so.
	 * @throws RolesStillBlockedException if the database does not allow it; the next
	 * start will do it
	 */
	@Override
	public void close() {
		if (!this.begun) {
			return;
		}
		List<RoleJournal.Entry> out = new ArrayList<>(this.blocked);
		SQLException failure = null;
		try {
			RoleRestore result = RoleRestore.of(this.connections, this.journal, this.run, TIMEOUT, this.lock,
					new FenceGuard(this.lock));
			result.restored().forEach((entry) -> out.removeIf((one) -> one.role() == entry.role()));
			logRestored(result.restored());
			failure = result.failure();
			if (failure == null && result.restored().isEmpty() && this.unknown != null) {
				failure = this.unknown;
			}
		}
		catch (SQLException ex) {
			failure = ex;
		}
		if (failure != null || !out.isEmpty()) {
			restoreUnrecorded(out, failure);
		}
	}

	/**
	 * For roles whose record the migration itself has destroyed, as one does that sweeps
	 * its schema. A process that has the lock by now has restored their login, or keeps
	 * them out for a reason of its own.
	 */
	private void restoreUnrecorded(List<RoleJournal.Entry> out, @Nullable SQLException failure) {
		try {
			if (failure != null && (out.isEmpty() || FenceGuard.hasRefused(failure))) {
				throw failure;
			}
			RoleTransaction.opening(this.connections, TIMEOUT, RoleBlockers.looking(this.lock)).run((connection) -> {
				this.lock.ensureHeldAsSeenBy(connection);
				for (RoleJournal.Entry entry : out) {
					this.journal.unblockUnrecorded(connection, entry, this.settings.blockWith());
				}
				new FenceGuard(this.lock).check(connection);
				return true;
			});
			logRestored(out);
		}
		catch (LockLostException ex) {
			logger.warn("The roles {} are left to the process that has the migration lock now", out);
		}
		catch (SQLException ex) {
			throw stillBlocked(ex);
		}
	}

	private static void logRestored(List<RoleJournal.Entry> roles) {
		if (!roles.isEmpty()) {
			logger.info("The login of the roles {} is restored", roles);
		}
	}

	/** As a suppressed exception it may not be seen, so the log has it in any case. */
	private RolesStillBlockedException stillBlocked(SQLException cause) {
		logger.error(
				"The login of some of the roles {} could not be restored; {} records which. "
						+ "The next start tries again: {}",
				names(), this.journal.table().shown(), RootCause.explain(cause));
		return new RolesStillBlockedException(names(), this.journal.table().name(), cause);
	}

}
