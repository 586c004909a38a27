package io.github.headlock.startup;

import java.util.List;

import io.github.headlock.SchemaStatus;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;

import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Tasks that record in the database that they ran, and the applications that have them.
 */
final class Recording {

	private Recording() {
	}

	/** A replica with the table for the records, and a pool of size 1. */
	static Replica replica(String url, TestMigrations migrations) {
		migrations.file("V1__ran.sql", "CREATE TABLE ran (id bigint GENERATED ALWAYS AS IDENTITY, what text NOT NULL)");
		return Replica.of(url, "none")
			.with("spring.flyway.locations", migrations.location())
			.with("spring.datasource.hikari.maximum-pool-size", 1);
	}

	static void record(JdbcTemplate jdbc, String what) {
		jdbc.update("INSERT INTO ran (what) VALUES (?)", what);
	}

	static void record(JdbcTemplate jdbc, String what, SchemaStatus status) {
		record(jdbc, what + " " + status.state() + " " + status.currentVersion());
	}

	static List<String> of(TestDatabase database) {
		return database.list("SELECT what FROM ran ORDER BY id");
	}

}
