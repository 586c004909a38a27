package io.github.headlock.campaign.replica;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

/**
 * Looks, as the application would, whether a replica that is about to say that it is
 * ready can do its work.
 */
public final class ReadyCheck {

	private static final long PAUSE = 100;

	private final String url;

	private final String role;

	private final boolean mayBeKeptOut;

	/**
	 * Creates the check.
	 * @param url the database, straight to the server: behind a pooler in transaction
	 * mode a server connection would stay, and never be drained
	 * @param role the application's role
	 * @param mayBeKeptOut whether another release may be migrating, which keeps the role
	 * out
	 */
	public ReadyCheck(String url, String role, boolean mayBeKeptOut) {
		this.url = url;
		this.role = role;
		this.mayBeKeptOut = mayBeKeptOut;
	}

	/**
	 * Looks. Waits for a server that is away or refuses everybody.
	 * @param needs effects that the release needs, those of versions by their number
	 * @return what is missing, {@code null} if nothing is
	 * @throws InterruptedException if the thread is interrupted
	 */
	public @Nullable String problem(Collection<String> needs) throws InterruptedException {
		while (true) {
			try (Connection connection = DriverManager.getConnection(this.url, this.role, "")) {
				return missing(connection, needs);
			}
			catch (SQLException ex) {
				if (tells(ex)) {
					return Objects.requireNonNullElse(ex.getMessage(), ex.toString());
				}
			}
			Thread.sleep(PAUSE);
		}
	}

	/** Whether it is not a fault of the campaign, such as a restart of the server. */
	private boolean tells(SQLException ex) {
		String state = Objects.requireNonNullElse(ex.getSQLState(), "");
		boolean keptOut = state.equals("28000") || state.equals("42501");
		return keptOut ? !this.mayBeKeptOut : state.startsWith("42");
	}

	private static @Nullable String missing(Connection connection, Collection<String> needs) throws SQLException {
		Set<String> effects = new TreeSet<>(needs);
		Set<String> versions = new TreeSet<>(needs);
		versions.removeIf((name) -> !name.matches("\\d+"));
		versions.removeAll(list(connection, "SELECT version FROM flyway_schema_history WHERE success"));
		effects.removeAll(list(connection, "SELECT name FROM effect"));
		return (versions.isEmpty() && effects.isEmpty()) ? null
				: String.format(Locale.ROOT, "effects %s and rows %s are missing", effects, versions);
	}

	private static Set<String> list(Connection connection, String sql) throws SQLException {
		Set<String> values = new TreeSet<>();
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(sql)) {
			while (row.next()) {
				values.add(Objects.requireNonNullElse(row.getString(1), ""));
			}
		}
		return values;
	}

}
