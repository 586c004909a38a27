package io.github.headlock.roles;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

import io.github.headlock.HeadlockException;
import io.github.headlock.PrintableText;
import io.github.headlock.jdbc.DatabaseSession;

/**
 * Thrown when sessions of the blocked roles were still there when
 * {@code headlock.sessions.drain-timeout} was over. No migration was run, and the roles
 * are as they were. Exit code 12.
 */
public class SessionsNotDrainedException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private static final int NAMED = 10;

	private final Duration timeout;

	private final boolean terminating;

	private final DatabaseSession[] sessions;

	private final String[] preparedTransactions;

	/**
	 * Creates the exception.
	 * @param timeout the bound that was reached
	 * @param terminating whether sessions were terminated, or only waited for
	 * @param sessions the blocking sessions
	 * @param preparedTransactions identifiers of the blocking prepared transactions
	 */
	public SessionsNotDrainedException(Duration timeout, boolean terminating, List<DatabaseSession> sessions,
			List<String> preparedTransactions) {
		super(12, message(timeout, sessions, preparedTransactions), null);
		this.timeout = timeout;
		this.terminating = terminating;
		this.sessions = sessions.toArray(new DatabaseSession[0]);
		this.preparedTransactions = preparedTransactions.toArray(new String[0]);
	}

	private static String message(Duration timeout, List<DatabaseSession> sessions, List<String> prepared) {
		StringBuilder text = new StringBuilder(
				String.format(Locale.ROOT, "The application's sessions did not end within %.1f s: %d session%s",
						timeout.toMillis() / 1000.0, sessions.size(), (sessions.size() == 1) ? "" : "s"));
		if (!prepared.isEmpty()) {
			text.append(String.format(Locale.ROOT, " and %d prepared transaction%s", prepared.size(),
					(prepared.size() == 1) ? "" : "s"));
		}
		sessions.stream().limit(NAMED).forEach((session) -> text.append("\n  - ").append(session));
		prepared.stream()
			.limit(NAMED)
			.forEach((transaction) -> text.append("\n  - prepared transaction ")
				.append(PrintableText.name(transaction)));
		return text.toString();
	}

	/**
	 * Returns the bound that was reached.
	 * @return the value of {@code headlock.sessions.drain-timeout}
	 */
	public Duration getTimeout() {
		return this.timeout;
	}

	/**
	 * Returns whether sessions were terminated, or only waited for.
	 * @return the value of {@code headlock.terminate-db-sessions}
	 */
	public boolean isTerminating() {
		return this.terminating;
	}

	/**
	 * Returns the blocking sessions at the last look.
	 * @return the sessions
	 */
	public List<DatabaseSession> getSessions() {
		return List.of(this.sessions);
	}

	/**
	 * Returns the blocking prepared transactions at the last look.
	 * @return their identifiers
	 */
	public List<String> getPreparedTransactions() {
		return List.of(this.preparedTransactions);
	}

	@Override
	public String getDescription() {
		return getMessage() + "\nNo migration was run, and the login of the roles is restored.";
	}

	@Override
	public String getAction() {
		String action = this.terminating
				? "Find out why these sessions do not end, or raise headlock.sessions.drain-timeout, and start again."
				: "Stop what holds these sessions, or set headlock.terminate-db-sessions=true: a connection pool or a pooler keeps "
						+ "its sessions open, so that without it they end only when its idle timeout does it.";
		return (this.preparedTransactions.length > 0)
				? action + " A prepared transaction ends only with COMMIT PREPARED or ROLLBACK PREPARED." : action;
	}

}
