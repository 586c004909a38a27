package db.javagate;

import java.util.List;

import io.github.headlock.RequiresBackground;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** Fails if a row has not been filled. */
public class V3__Enforce_in_java extends BaseJavaMigration implements RequiresBackground {

	@Override
	public List<String> requiredBackgroundMigrations() {
		return List.of("backfill");
	}

	@Override
	public void migrate(Context context) {
		new JdbcTemplate(new SingleConnectionDataSource(context.getConnection(), true))
			.execute("ALTER TABLE customer ALTER COLUMN full_name SET NOT NULL");
	}

}
