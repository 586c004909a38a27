package io.github.headlock.flyway;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

import io.github.headlock.HeadlockException;
import io.github.headlock.jdbc.DatabaseSession;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a migration did not get a lock that it needs, such as that of a table, in
 * any of its attempts. It was rolled back each time, with its group if
 * {@code spring.flyway.group} is set; the migrations before that are applied. Exit code
 * 1.
 */
public class MigrationBlockedException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final String script;

	private final int attempts;

	private final DatabaseSession[] blockers;

	/**
	 * Creates the exception.
	 * @param script script or class of the migration
	 * @param attempts how often it was tried
	 * @param reason why the last attempt failed
	 * @param blockers the sessions that were in its way at the last attempt, empty if
	 * none was seen
	 * @param cause Flyway's error
	 */
	public MigrationBlockedException(String script, int attempts, String reason, List<DatabaseSession> blockers,
			@Nullable Throwable cause) {
		super(1, String.format(Locale.ROOT,
				"Migration %s was rolled back in each of %d attempts, at last because %s; %s", script, attempts, reason,
				describe(blockers)), cause);
		this.script = script;
		this.attempts = attempts;
		this.blockers = blockers.toArray(DatabaseSession[]::new);
	}

	private static String describe(List<DatabaseSession> blockers) {
		return blockers.isEmpty() ? "no blocking session was seen" : "blocked by: " + blockers;
	}

	private boolean any(Predicate<DatabaseSession> kind) {
		return Arrays.stream(this.blockers).anyMatch(kind);
	}

	/**
	 * Returns the migration.
	 * @return its script or class
	 */
	public String getScript() {
		return this.script;
	}

	/**
	 * Returns how often the migration was tried.
	 * @return the value of {@code headlock.ddl.max-attempts}
	 */
	public int getAttempts() {
		return this.attempts;
	}

	/**
	 * Returns the blocking sessions at the last attempt.
	 * @return the sessions, the oldest first, empty if none was seen
	 */
	public List<DatabaseSession> getBlockers() {
		return List.of(this.blockers);
	}

	@Override
	public String getDescription() {
		return getMessage()
				+ ". With spring.flyway.group, its whole group was rolled back; all before that is applied.";
	}

	@Override
	public String getAction() {
		String action = "Let the transactions in its way come to their end, or end them with pg_terminate_backend(pid), and start "
				+ "again. If they are always that long, raise headlock.ddl.lock-timeout or "
				+ "headlock.ddl.max-attempts, or keep the application out with headlock.sessions.roles.";
		if (any((blocker) -> blocker.pid() == 0)) {
			action += " A prepared transaction ends only with COMMIT PREPARED or ROLLBACK PREPARED.";
		}
		if (any(DatabaseSession::isOfServer)) {
			action += " An autovacuum worker that does not give way prevents transaction ID wraparound: let it finish, and "
					+ "VACUUM (FREEZE) the table before the next such migration. Only a superuser may end it, and it starts again.";
		}
		return action;
	}

}
