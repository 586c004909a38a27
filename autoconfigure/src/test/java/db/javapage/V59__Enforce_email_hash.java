package db.javapage;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

import io.github.headlock.RequiresBackground;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;

/** The migration on the page. */
public class V59__Enforce_email_hash extends BaseJavaMigration implements RequiresBackground {

	@Override
	public List<String> requiredBackgroundMigrations() {
		return List.of("hash_emails");
	}

	@Override
	public void migrate(Context context) throws SQLException {
		try (Statement statement = context.getConnection().createStatement()) {
			statement.execute("ALTER TABLE customer ALTER COLUMN email_hash SET NOT NULL");
		}
	}

}
