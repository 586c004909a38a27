package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

import javax.sql.DataSource;

import io.github.headlock.PrintableText;
import io.github.headlock.jdbc.MigrationConnections;
import org.jspecify.annotations.Nullable;

/**
 * Finds out the role that the application logs in with.
 */
final class ApplicationRole {

	private static final String CURE = "name the roles in headlock.sessions.roles";

	private ApplicationRole() {
	}

	/**
	 * Asks the database, on a connection beside the application's pool.
	 * @param application the application's data source, {@code null} if there is not
	 * exactly one
	 * @return name of the role
	 * @throws RolesNotBlockableException if it cannot be told
	 */
	static String of(@Nullable DataSource application) {
		if (application == null) {
			throw untold("there is not exactly one data source, or none is the primary one", null);
		}
		DataSource unpooled = MigrationConnections.unpooled(application)
			.orElseThrow(() -> untold(
					"no connection like those of " + application.getClass().getName() + " can be opened beside it",
					null));
		try (Connection connection = unpooled.getConnection();
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("SELECT session_user::pg_catalog.text")) {
			row.next();
			return row.getString(1);
		}
		catch (SQLException ex) {
			throw untold(PrintableText.line(ex.getMessage()), ex);
		}
	}

	private static RolesNotBlockableException untold(String why, @Nullable Throwable cause) {
		return new RolesNotBlockableException(
				List.of(new PreflightFailure("the application's own role cannot be determined: " + why, CURE)), cause);
	}

}
