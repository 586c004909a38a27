package io.github.headlock.upgrade;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The documented way to make a squashed script, executed as it stands there. On the
 * oldest server only, because {@code pg_dump} refuses servers that are newer than itself.
 */
@Tag("oldest-postgresql")
class SquashScriptTests {

	private static final Path PAGE = Path.of("..", "docs", "required-stops.md");

	private final Path folder;

	private final TestMigrations migrations;

	SquashScriptTests(@TempDir Path folder) {
		this.folder = folder;
		this.migrations = new TestMigrations(folder);
	}

	@Test
	void aSquashedStartAndAFullStartGiveTheSameSchema() throws Exception {
		this.migrations.file("V1__tables.sql", """
				CREATE TYPE size AS ENUM ('small', 'large');
				CREATE TABLE depot (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE);
				CREATE TABLE parcel (id serial PRIMARY KEY, depot bigint REFERENCES depot, size size DEFAULT 'small',
					label text CHECK (label <> ''), added timestamptz DEFAULT now());
				INSERT INTO depot (name) VALUES ('Ulm'), ('Bonn');
				COMMENT ON TABLE parcel IS 'It''s a parcel; with a semicolon';""");
		this.migrations.file("V2__code.sql", """
				CREATE FUNCTION count_parcels() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM parcel';
				CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
				BEGIN
					UPDATE depot
				SET name = name;
				SET default_tablespace = '';
				SET statement_timeout = 0;
					RETURN NEW;
				END $$;
				CREATE TRIGGER touch BEFORE UPDATE ON parcel FOR EACH ROW EXECUTE FUNCTION touch();
				CREATE INDEX parcel_label ON parcel (lower(label)) WHERE size = 'large';""");
		this.migrations.file("V60__rename.sql",
				"ALTER TABLE parcel RENAME label TO address; ALTER TABLE parcel DROP COLUMN added");
		this.migrations.file("R__overview.sql", "CREATE OR REPLACE VIEW overview AS SELECT id, address FROM parcel");
		TestDatabase full = TestDatabase.create();
		replica(full).startAndStop();
		squash(full);
		for (String name : new String[] { "V1__tables.sql", "V2__code.sql", "V60__rename.sql" }) {
			this.migrations.delete(name);
		}
		this.migrations.file("V61__next.sql", "ALTER TABLE depot ADD COLUMN city text DEFAULT 'Ulm'");
		TestDatabase squashed = TestDatabase.create();
		assertThat(replica(full).with("headlock.minimum-schema-version", "60").startAndStop().migrations()).isOne();
		assertThat(replica(squashed).with("headlock.minimum-schema-version", "60").startAndStop().migrations())
			.isEqualTo(3);
		assertThat(dump(squashed)).isEqualTo(dump(full))
			.contains("CREATE TRIGGER touch", "SET name = name;", "SET statement_timeout = 0;");
		assertThat(squashed.list("SELECT name FROM depot")).containsExactly("Ulm", "Bonn");
	}

	private void squash(TestDatabase database) throws Exception {
		Matcher command = Pattern.compile("```shell\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(PAGE));
		assertThat(command.find()).isTrue();
		Matcher data = Pattern.compile("`(pg_dump --data-only [^`]*)`").matcher(Files.readString(PAGE));
		assertThat(data.find()).isTrue();
		assertThat(run(database, command.group(1) + data.group(1).replace("--table=...", "--table=depot"))).isEmpty();
		assertThat(Files.readString(this.folder.resolve("B60__squashed.sql"))).contains("CREATE TABLE public.depot");
	}

	private String dump(TestDatabase database) throws Exception {
		return run(database, "pg_dump --schema-only --exclude-table='flyway_schema_history*' \"$DATABASE\" "
				+ "| grep -vE '^.(un)?restrict '");
	}

	private String run(TestDatabase database, String command) throws IOException, InterruptedException {
		ProcessBuilder builder = new ProcessBuilder("bash", "-o", "pipefail", "-c", command)
			.directory(this.folder.toFile())
			.redirectErrorStream(true);
		builder.environment().put("DATABASE", database.url().replace("jdbc:postgresql://", "postgresql://postgres@"));
		Process process = builder.start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertThat(process.waitFor()).as(output).isZero();
		return output;
	}

	private Replica replica(TestDatabase database) {
		return Replica.of(database.url(), "none").with("spring.flyway.locations", this.migrations.location());
	}

}
