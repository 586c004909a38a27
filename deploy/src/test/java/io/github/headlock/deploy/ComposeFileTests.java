package io.github.headlock.deploy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.github.headlock.startup.OnSchemaBehind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * That one variable decides who migrates under Docker Compose.
 */
class ComposeFileTests {

	private static final String COMPLETED = "service_completed_successfully";

	@Test
	void theServiceMigratesAndExitsAndTheReplicasSkipAndWait() {
		ComposeFile file = migratingIn("service");
		ApplicationView migrate = ApplicationView.of(file.environment("migrate"));
		assertThat(migrate.headlock().isSkipMigrations()).isFalse();
		assertThat(migrate.endsAfterwards()).isTrue();
		ApplicationView replica = ApplicationView.of(file.environment("parcels"));
		assertThat(replica.headlock().isSkipMigrations()).isTrue();
		assertThat(replica.headlock().getOnSchemaBehind()).isEqualTo(OnSchemaBehind.WAIT);
		assertThat(replica.schemaWaitTimeout()).isGreaterThan(migrate.lockTimeout());
		assertThat(file.service("migrate")).containsEntry("image", file.service("parcels").get("image"));
	}

	@Test
	void theServiceMigratesUnlessTheVariableSaysOtherwise() {
		assertThat(migratingIn("").environment("migrate")).isEqualTo(migratingIn("service").environment("migrate"))
			.isNotEmpty();
	}

	@Test
	void theReplicasMigrateAndTheServiceDoesNothing() {
		ComposeFile file = migratingIn("replicas");
		ApplicationView replica = ApplicationView.of(file.environment("parcels"));
		assertThat(replica.headlock().isSkipMigrations()).isFalse();
		assertThat(replica.endsAfterwards()).isFalse();
		assertThat(file.service("migrate")).containsEntry("entrypoint", List.of("true"))
			.doesNotContainKey("environment");
	}

	@ParameterizedTest
	@ValueSource(strings = { "service", "replicas" })
	void theOrderIsTheSame(String runIn) {
		ComposeFile file = migratingIn(runIn);
		assertThat(file.condition("roles", "postgres")).isEqualTo("service_healthy");
		assertThat(file.condition("pgbouncer", "roles")).isEqualTo(COMPLETED);
		assertThat(file.condition("migrate", "roles")).isEqualTo(COMPLETED);
		assertThat(file.condition("parcels", "migrate")).isEqualTo(COMPLETED);
		assertThat(file.service("migrate")).containsEntry("restart", "no");
	}

	@Test
	void onlyWhoMigratesKnowsTheMigratorAndHeGoesStraightToTheServer() {
		assertThat(migratingIn("service").environment("parcels").toString()).doesNotContain("migrator", "FLYWAY");
		assertThat(migratingIn("service").environment("migrate"))
			.containsEntry("SPRING_FLYWAY_URL", "jdbc:postgresql://postgres:5432/parcels")
			.containsEntry("SPRING_FLYWAY_USER", "parcels_migrator");
		assertThat(migratingIn("replicas").environment("parcels"))
			.containsEntry("SPRING_FLYWAY_URL", "jdbc:postgresql://postgres:5432/parcels")
			.containsEntry("SPRING_DATASOURCE_URL", "jdbc:postgresql://pgbouncer:6432/parcels");
	}

	@ParameterizedTest
	@ValueSource(strings = { "service", "replicas" })
	void aServiceOfAProfileFinishesBackgroundMigrationsAndNobodyWaitsForIt(String runIn) {
		ComposeFile file = migratingIn(runIn);
		assertThat(file.service("background")).containsEntry("profiles", List.of("background"))
			.containsEntry("image", file.service("parcels").get("image"));
		assertThat(file.condition("background", "migrate")).isEqualTo(COMPLETED);
		ApplicationView background = ApplicationView.of(file.environment("background"));
		assertThat(background.headlock().getBackground().isFinish()).isTrue();
		assertThat(background.headlock().isSkipMigrations()).isFalse();
		assertThat(background.endsAfterwards()).isTrue();
		assertThat(String.valueOf(file.service("parcels").get("depends_on"))).doesNotContain("background");
		assertThat(
				ApplicationView.of(migratingIn("service").environment("migrate")).headlock().getBackground().isFinish())
			.isFalse();
	}

	@Test
	void aValueThatDoesNotExistIsAnError() {
		assertThatIllegalArgumentException().isThrownBy(() -> migratingIn("pods"))
			.withMessageContaining("there is no migrate-if-pods");
	}

	@ParameterizedTest
	@ValueSource(strings = { "POSTGRES_PASSWORD", "MIGRATOR_PASSWORD", "APPLICATION_PASSWORD" })
	void aPasswordThatIsNotSetIsAnError(String variable) {
		Map<String, String> variables = variables("service");
		variables.remove(variable);
		assertThatIllegalArgumentException().isThrownBy(() -> ComposeFile.with(variables))
			.withMessage(variable + " is not set, see .env.example");
	}

	@Test
	void theExampleNamesTheVariablesThatMustBeSet() throws Exception {
		assertThat(Files.readAllLines(Path.of("compose/.env.example"))).contains("MIGRATIONS_RUN_IN=service",
				"COMPOSE_PROFILES=", "POSTGRES_PASSWORD=", "MIGRATOR_PASSWORD=", "APPLICATION_PASSWORD=");
	}

	private static ComposeFile migratingIn(String runIn) {
		return ComposeFile.with(variables(runIn));
	}

	private static Map<String, String> variables(String runIn) {
		return new HashMap<>(Map.of("MIGRATIONS_RUN_IN", runIn, "POSTGRES_PASSWORD", "a", "MIGRATOR_PASSWORD", "b",
				"APPLICATION_PASSWORD", "c"));
	}

}
