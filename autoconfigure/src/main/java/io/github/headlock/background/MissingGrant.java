package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

import io.github.headlock.PrintableText;
import io.github.headlock.jdbc.RootCause;

/**
 * Says which privilege a role lacks on the tables that hold the state of background
 * migrations.
 */
final class MissingGrant {

	/** SQLSTATE of a missing privilege. */
	private static final String DENIED = "42501";

	private MissingGrant() {
	}

	/**
	 * Describes a failure to read or write, with what cures it as far as that is known.
	 * @param failure what the server said
	 * @param connection the connection, in autocommit mode, which may be lost
	 * @param privileges the privileges that are needed
	 */
	static String explain(SQLException failure, Connection connection, BackgroundTables tables, String privileges) {
		String problem = RootCause.describe(failure);
		if (!DENIED.equals(failure.getSQLState())) {
			return problem;
		}
		return String.format(Locale.ROOT, "%s. GRANT %s ON %s, %s TO %s", problem, privileges,
				PrintableText.name(tables.progress()), PrintableText.name(tables.batch()), role(connection, failure));
	}

	private static String role(Connection connection, SQLException failure) {
		try {
			List<String> roles = Statements.query(connection, "SELECT pg_catalog.quote_ident(current_user)",
					(row) -> PrintableText.name(row.getString(1)));
			return roles.get(0);
		}
		catch (SQLException ex) {
			failure.addSuppressed(ex);
			return "the role of this process";
		}
	}

}
