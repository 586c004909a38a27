package io.github.headlock.startup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.PgBouncer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.io.ByteArrayResource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * The settings and the modes of the documentation's page on poolers.
 */
@ExtendWith(OutputCaptureExtension.class)
class PoolersPageTests {

	private static final Path PAGE = Path.of("..", "docs", "poolers.md");

	private final TestDatabase database = TestDatabase.create();

	private final String migrator = "shop_migrator_" + this.database.name();

	@BeforeEach
	void createMigrator() {
		this.database.execute("CREATE ROLE %s LOGIN".formatted(this.migrator),
				"GRANT CREATE ON DATABASE %s TO %s".formatted(this.database.name(), this.migrator));
	}

	@Test
	void theSettingsSendMigrationsToTheDatabase(CapturedOutput output) throws IOException {
		Replica replica = replica(this.database.pooledUrl()).with("spring.flyway.default-schema", "shop")
			.with("MIGRATOR_PASSWORD", "secret");
		assertThat(with(blocks("yaml").get(0), replica).startAndStop().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
		assertThat(this.database
			.list("SELECT tableowner FROM pg_tables WHERE schemaname = 'shop' AND tablename = 'flyway_schema_history'"))
			.containsExactly(this.migrator);
		assertThat(output).doesNotContain("Connected through a connection pooler");
	}

	@Test
	void theUrlForAnOlderPgBouncerWorks() throws IOException {
		assertThat(with(blocks("yaml").get(1), replica(this.database.pooledUrl())).startAndStop().outcome())
			.isEqualTo(MigrationOutcome.MIGRATED);
	}

	@Test
	void settingsOfASessionAreWarnedOfInTheWordsOfThePage(CapturedOutput output) throws IOException {
		replica(this.database.pooledUrl()).with("spring.flyway.default-schema", "shop").startAndStop();
		assertThat(blocks("text")).singleElement().satisfies((line) -> assertThat(output).contains(line));
	}

	@ParameterizedTest
	@ValueSource(strings = { "session", "transaction" })
	void migrationsGoThroughThisMode(String mode) {
		try (PgBouncer pooler = this.database.pooler(2, "pool_mode = " + mode)) {
			assertThat(replica(pooler.url(this.database.name())).startAndStop().migrations()).isEqualTo(3);
			assertThat(replica(pooler.url(this.database.name())).startAndStop().outcome())
				.isEqualTo(MigrationOutcome.FAST_PATH);
		}
	}

	@Test
	void theOtherModeIsRefused() throws IOException {
		assertThat(Files.readString(PAGE)).containsSubsequence("| `session` |", "| `transaction` | work",
				"| `statement` | are refused");
		try (PgBouncer pooler = this.database.pooler(2, "pool_mode = statement")) {
			assertThatException().isThrownBy(() -> replica(pooler.url(this.database.name())).startAndStop())
				.withStackTraceContaining("statement pooling mode");
		}
	}

	private static Replica replica(String url) {
		return Replica.of(url, "basic");
	}

	/** With the settings of a block, for this database. */
	private Replica with(String block, Replica replica) throws IOException {
		String settings = block.replace("jdbc:postgresql://pgbouncer:6432/shop", this.database.pooledUrl())
			.replace("jdbc:postgresql://postgres:5432/shop", this.database.url())
			.replace("shop_migrator", this.migrator);
		EnumerablePropertySource<?> properties = (EnumerablePropertySource<?>) new YamlPropertySourceLoader()
			.load("page", new ByteArrayResource(settings.getBytes(StandardCharsets.UTF_8)))
			.get(0);
		Replica changed = replica;
		for (String name : properties.getPropertyNames()) {
			changed = changed.with(name, String.valueOf(properties.getProperty(name)));
		}
		return changed;
	}

	private static List<String> blocks(String language) throws IOException {
		return Pattern.compile("```" + language + "\n(.*?)\n```", Pattern.DOTALL)
			.matcher(Files.readString(PAGE))
			.results()
			.map((MatchResult block) -> block.group(1))
			.toList();
	}

}
