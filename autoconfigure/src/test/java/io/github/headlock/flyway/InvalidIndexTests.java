package io.github.headlock.flyway;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;

import io.github.headlock.schema.FailedMigrationException;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.awaitility.Awaitility.await;

/**
 * What a {@code CREATE INDEX CONCURRENTLY} leaves behind that fails.
 */
@Tag("every-postgresql")
@Tag("every-locale")
@ExtendWith(OutputCaptureExtension.class)
class InvalidIndexTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	InvalidIndexTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
	}

	@BeforeEach
	void prepare() {
		this.migrations.file("V1__a.sql", "CREATE TABLE parcel (id int); INSERT INTO parcel VALUES (1), (1)");
		this.migrations.file("V2__b.sql", "CREATE UNIQUE INDEX CONCURRENTLY \"Parcel id\" ON parcel (id)");
	}

	@Test
	void theFailureAndEachStartAfterItNameTheIndex(CapturedOutput output) {
		assertThatException().isThrownBy(() -> replica().startAndStop())
			.withStackTraceContaining("could not create unique index");
		assertThat(output).contains("INVALID indexes", "[public.\"Parcel id\"]", "DROP INDEX CONCURRENTLY");
		assertThatException().isThrownBy(() -> replica().startAndStop())
			.havingCause()
			.isInstanceOfSatisfying(FailedMigrationException.class,
					(ex) -> assertThat(ex.getInvalidIndexes()).containsExactly("public.\"Parcel id\""));
	}

	@Test
	void anIndexThatIfNotExistsHasPassedOverIsNamed(CapturedOutput output) {
		assertThatException().isThrownBy(() -> replica().startAndStop());
		this.database.execute("DELETE FROM parcel", "DELETE FROM flyway_schema_history WHERE NOT success");
		this.migrations.file("V2__b.sql",
				"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"Parcel id\" ON parcel (id)");
		int before = output.length();
		assertThat(replica().startAndStop().migrations()).isOne();
		assertThat(output.toString().substring(before)).contains("[public.\"Parcel id\"]");
	}

	@Test
	void validIndexesAndThoseOfPartitionedTablesAreFine(CapturedOutput output) {
		this.migrations.file("V2__b.sql", """
				CREATE TABLE event (day int) PARTITION BY RANGE (day);
				CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM (1) TO (2);
				CREATE INDEX event_day ON ONLY event (day);
				CREATE INDEX parcel_id ON parcel (id)""");
		assertThat(replica().startAndStop().migrations()).isEqualTo(2);
		assertThat(this.database.value("SELECT indisvalid FROM pg_index WHERE indexrelid = 'event_day'::regclass"))
			.isEqualTo("f");
		assertThat(output).doesNotContain("INVALID");
	}

	@Test
	void whatAReindexLeftIsNotToBeCreatedAgain() throws Exception {
		this.database.execute("CREATE TABLE parcel (id int)", "CREATE INDEX \"Parcel id\" ON parcel (id)");
		String building = "SELECT pid FROM pg_stat_progress_create_index WHERE relid = 'parcel'::regclass "
				+ "AND index_relid IS NOT NULL AND datname = current_database() AND EXISTS (SELECT FROM pg_locks l "
				+ "WHERE l.pid = pg_stat_progress_create_index.pid AND NOT granted)";
		try (Connection writer = this.database.inTransaction("INSERT INTO parcel VALUES (1)");
				Connection connection = this.database.connect()) {
			Background<Boolean> reindex = Background.start(() -> {
				this.database.execute("REINDEX INDEX CONCURRENTLY \"Parcel id\"");
				return true;
			});
			await().until(() -> !this.database.list(building).isEmpty());
			this.database.list("SELECT pg_cancel_backend(?)", Integer.valueOf(this.database.value(building)));
			assertThat(reindex.failure()).hasStackTraceContaining("canceling statement due to user request");
			List<String> left = InvalidIndexes.list(connection);
			assertThat(left).containsExactly("public.\"Parcel id_ccnew\"");
			assertThat(InvalidIndexes.warning(left)).contains("[public.\"Parcel id_ccnew\"]", "only to be dropped");
		}
		assertThat(InvalidIndexes.warning(List.of("public.parcel_id_ccold1"))).contains("only to be dropped");
		assertThat(InvalidIndexes.warning(List.of("public.parcel_id", "public.\"Parcel_ccnewer\"")))
			.endsWith("create it again");
	}

	@Test
	void aNameCannotForgeALineOfTheLog() throws Exception {
		this.database.execute("CREATE TABLE parcel (id int)", "INSERT INTO parcel VALUES (1), (1)");
		try (Connection connection = this.database.connect()) {
			assertThatException().isThrownBy(() -> connection.createStatement()
				.execute("CREATE UNIQUE INDEX CONCURRENTLY \"a\nDatabase ready\tb\" ON parcel (id)"));
			assertThat(InvalidIndexes.list(connection)).containsExactly("public.\"a?Database ready?b\"");
		}
	}

	@Test
	void anIndexThatAnotherRoleIsBuildingIsNotNamed() throws Exception {
		String owner = TestRoles.create(this.database).migrator();
		this.database.execute("CREATE TABLE parcel (id int)", "ALTER TABLE parcel OWNER TO " + owner);
		String invalid = "SELECT 1 FROM pg_index WHERE NOT indisvalid AND indrelid = 'parcel'::regclass";
		try (Connection writer = this.database.inTransaction("INSERT INTO parcel VALUES (1)");
				Connection migrator = DriverManager.getConnection(this.database.url(), owner, "")) {
			Background<Boolean> build = Background.start(() -> {
				this.database.execute("CREATE INDEX CONCURRENTLY parcel_id ON parcel (id)");
				return true;
			});
			await().until(() -> !this.database.list(invalid).isEmpty());
			assertThat(InvalidIndexes.list(migrator)).isEmpty();
			writer.rollback();
			build.result();
		}
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "none").with("spring.flyway.locations", this.migrations.location());
	}

}
