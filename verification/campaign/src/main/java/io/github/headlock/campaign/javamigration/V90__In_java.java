package io.github.headlock.campaign.javamigration;

import java.sql.Statement;

import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;

/**
 * A migration in Java, with an effect and gates like those in SQL.
 */
public final class V90__In_java extends BaseJavaMigration {

	@Override
	public void migrate(Context context) throws Exception {
		try (Statement statement = context.getConnection().createStatement()) {
			statement.execute("SET LOCAL lock_timeout = 0");
			statement.execute("SELECT pg_advisory_xact_lock_shared(1, 901)");
			statement.execute("INSERT INTO effect VALUES ('90')");
			statement.execute("UPDATE counter SET n = n + 1");
			statement.execute("SELECT pg_advisory_xact_lock_shared(1, 902)");
		}
	}

}
