package io.github.headlock.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;

import org.flywaydb.core.Flyway;

/**
 * A table whose rows get a value in a new column, in one statement or in the background.
 *
 * @param bench what all parts share
 * @param rows number of rows
 */
record Backfill(Bench bench, int rows) {

	/** Applied when the release that changes the rows is started. */
	private static final String CREATE = """
			CREATE TABLE customer (
				id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
				first_name text NOT NULL,
				last_name text NOT NULL,
				email text NOT NULL,
				address text NOT NULL,
				visits int NOT NULL DEFAULT 0,
				full_name text
			);
			INSERT INTO customer (first_name, last_name, email, address)
				SELECT 'First' || i %% 1000, 'Last' || i %% 77777, 'customer' || i || '@example.com', md5(i::text)
				FROM generate_series(1, %d) i;
			CREATE INDEX customer_by_name ON customer (last_name, first_name);
			CREATE INDEX customer_by_email ON customer (email);
			""";

	private static final String CHANGE = "UPDATE customer SET full_name = concat_ws(' ', first_name, last_name)";

	private static final String DECLARATION = """
			-- headlock: table = customer
			-- headlock: since = 1
			-- headlock: where = full_name IS NULL
			%s WHERE ${batch}
			""";

	/** Fills a database of which those that are measured are copies. */
	void createTemplate() throws IOException, SQLException {
		Path create = Files.createDirectories(folder().resolve("create"));
		Files.writeString(create.resolve("V1__create_customer.sql"), String.format(Locale.ROOT, CREATE, this.rows));
		Path update = Files.createDirectories(folder().resolve("update"));
		Files.writeString(update.resolve("V2__backfill_full_name.sql"), CHANGE + ";\n");
		Path background = Files.createDirectories(folder().resolve("background"));
		Files.writeString(background.resolve("backfill_full_name.sql"),
				String.format(Locale.ROOT, DECLARATION, CHANGE));
		this.bench.server().createDatabase(template());
		Flyway.configure()
			.dataSource(this.bench.server().url(template()), "postgres", "")
			.locations("filesystem:" + create)
			.load()
			.migrate();
		try (Connection connection = this.bench.server().connect(template());
				Statement statement = connection.createStatement()) {
			statement.execute("VACUUM (ANALYZE) customer");
		}
	}

	/** Makes a copy, and lets no checkpoint be due because of that. */
	void createDatabase(String name) throws SQLException {
		this.bench.execute("CREATE DATABASE " + name + " TEMPLATE " + template() + " STRATEGY file_copy");
		this.bench.execute("CHECKPOINT");
	}

	void dropTemplate() throws SQLException {
		this.bench.drop(template());
	}

	/** What tells the application how it is to change the rows, without a pause. */
	List<String> arguments(Variant variant) {
		Path create = folder().resolve("create");
		return variant.hasHeadlock()
				? List.of("--spring.flyway.locations=filesystem:" + create,
						"--headlock.background.locations=filesystem:" + folder().resolve("background"),
						"--headlock.background.load=1")
				: List
					.of("--spring.flyway.locations=filesystem:" + create + ",filesystem:" + folder().resolve("update"));
	}

	private String template() {
		return "background_" + this.rows;
	}

	private Path folder() {
		return this.bench.folder().resolve(template()).toAbsolutePath();
	}

}
