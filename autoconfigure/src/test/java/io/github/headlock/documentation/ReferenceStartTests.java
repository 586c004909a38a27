package io.github.headlock.documentation;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.SchemaState;
import io.github.headlock.actuate.HeadlockEndpoint;
import io.github.headlock.autoconfigure.HeadlockEndpointAutoConfiguration;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.test.Meters;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.boot.actuate.autoconfigure.endpoint.jackson.JacksonEndpointAutoConfiguration;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.jackson.EndpointJsonMapper;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.boot.health.actuate.endpoint.IndicatedHealthDescriptor;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ByteArrayResource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What the page shows of health, endpoint and meters is what a real start gives.
 */
class ReferenceStartTests {

	private static final String HISTORY = "flyway_schema_history";

	private final GeneratedPage page = new GeneratedPage("reference.md");

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	ReferenceStartTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V42__index.sql", "SELECT 1");
	}

	@Test
	void theExampleOfHealthIsThatOfARealStart() {
		try (ConfigurableApplicationContext context = replica().start()) {
			this.page.json("Health", Json.of(context.getBean(EndpointJsonMapper.class), health(context, "AT_HEAD")));
		}
	}

	@Test
	void everyStateStandsWithItsStatus() throws Exception {
		Map<SchemaState, String> statuses = new EnumMap<>(SchemaState.class);
		try (ConfigurableApplicationContext context = replica().start()) {
			see(SchemaState.AT_HEAD, context, statuses);
			this.database.execute("INSERT INTO " + HISTORY + " SELECT 2, '43', description, type, script, checksum, "
					+ "installed_by, installed_on, execution_time, success FROM " + HISTORY);
			see(SchemaState.AHEAD, context, statuses);
			this.database.execute("DELETE FROM " + HISTORY);
			see(SchemaState.BEHIND, context, statuses);
			try (Connection blocker = this.database.inTransaction("LOCK TABLE " + HISTORY)) {
				see(SchemaState.UNKNOWN, context, statuses);
			}
		}
		replica().startAndStop();
		try (ConfigurableApplicationContext context = replica().start()) {
			this.database.execute("UPDATE " + HISTORY + " SET success = false");
			see(SchemaState.FAILED, context, statuses);
		}
		Map<String, String> meanings = this.page.texts("Health");
		this.page.table("Health", List.of("state", "status", "meaning"),
				Arrays.stream(SchemaState.values())
					.map((state) -> List.of("`%s`".formatted(state), statuses.getOrDefault(state, ""),
							meanings.getOrDefault("`%s`".formatted(state), "")))
					.sorted(inOrder(meanings))
					.toList());
	}

	@Test
	void everyOutcomeAndEveryKeyOfHealthIsNamed() {
		String section = this.page.section("Health");
		assertThat(MigrationOutcome.values()).filteredOn((outcome) -> outcome != MigrationOutcome.FAILED)
			.allSatisfy((outcome) -> assertThat(section).contains("`%s`".formatted(outcome.id())));
		try (ConfigurableApplicationContext context = replica().start()) {
			this.database.execute("DELETE FROM " + HISTORY);
			assertThat(health(context, "BEHIND").getDetails().keySet())
				.allSatisfy((key) -> assertThat(section).containsAnyOf("`%s`".formatted(key), "\"%s\"".formatted(key)));
		}
	}

	@Test
	void theTableOfMetersIsThatOfARealStart(@TempDir Path background) {
		this.migrations.file("V43__customer.sql", "CREATE TABLE customer (id bigint PRIMARY KEY)");
		new TestMigrations(background).file("backfill.sql", """
				-- headlock: table = customer
				-- headlock: since = 43
				-- headlock: where = id < 0
				DELETE FROM customer WHERE ${batch}
				""");
		Replica replica = replica().with("headlock.background.locations", "filesystem:" + background);
		try (ConfigurableApplicationContext context = replica.with(Meters.class).start()) {
			Map<String, String> order = this.page.texts("Metrics");
			this.page.table("Metrics", List.of("meter", "meaning"),
					context.getBean(MeterRegistry.class)
						.getMeters()
						.stream()
						.map(Meter::getId)
						.filter((meter) -> meter.getName().startsWith("headlock."))
						.map((meter) -> List.of(name(meter), String.valueOf(meter.getDescription())))
						.distinct()
						.sorted(inOrder(order))
						.toList());
		}
	}

	@Test
	void theExampleOfTheEndpointIsThatOfARealStart() throws Exception {
		Replica replica = replica().with("headlock.minimum-schema-version", "20")
			.with("headlock.required-stops[0].schema-version", "30")
			.with("headlock.required-stops[0].release", "3.0")
			.with("headlock.required-stops[0].reason", "it moves addresses to a table of their own");
		settings().forEach((name, value) -> replica.with(name.toString(), value));
		try (ConfigurableApplicationContext context = replica.start();
				Connection holder = this.database.hold(String.valueOf(new HistoryTable("public", HISTORY).lockKey()))) {
			HeadlockEndpoint endpoint = context.getBean(HeadlockEndpoint.class);
			Object answer = await().until(endpoint::describe, (seen) -> seen.problem() == null);
			this.page.json("Endpoint", Json.of(context.getBean(EndpointJsonMapper.class), answer));
		}
	}

	@Test
	void everyKeyOfTheEndpointIsExplained() {
		this.page.table("Endpoint", List.of("key", "meaning"), EndpointKeys.rows());
	}

	@Test
	void theSettingsExposeTheEndpointAndShowTheDetailsOfHealth() {
		try (ConfigurableApplicationContext context = replica().start()) {
			assertThat(context.getBeansOfType(HeadlockEndpoint.class)).isEmpty();
			assertThat(showsDetails(context)).isFalse();
		}
		Replica replica = replica();
		settings().forEach((name, value) -> replica.with(name.toString(), value));
		try (ConfigurableApplicationContext context = replica.start()) {
			assertThat(context.getBeansOfType(HeadlockEndpoint.class)).hasSize(1);
			assertThat(showsDetails(context)).isTrue();
		}
	}

	private static boolean showsDetails(ConfigurableApplicationContext context) {
		return context.getBean(HealthEndpointGroups.class).getPrimary().showDetails(SecurityContext.NONE);
	}

	/** Those that the page prints. */
	private Properties settings() {
		Matcher yaml = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL).matcher(this.page.section("Endpoint"));
		assertThat(yaml.find()).isTrue();
		YamlPropertiesFactoryBean properties = new YamlPropertiesFactoryBean();
		properties.setResources(new ByteArrayResource(yaml.group(1).getBytes(StandardCharsets.UTF_8)));
		return properties.getObject();
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location())
			.with(Endpoints.class);
	}

	private static void see(SchemaState state, ConfigurableApplicationContext context,
			Map<SchemaState, String> statuses) {
		statuses.put(state, "`%s`".formatted(health(context, state.name()).getStatus()));
	}

	/** What it tells once it tells of this state: an answer may be late. */
	private static IndicatedHealthDescriptor health(ConfigurableApplicationContext context, String state) {
		HealthEndpoint endpoint = context.getBean(HealthEndpoint.class);
		HealthDescriptor seen = await().until(() -> endpoint.healthForPath("schema"),
				(health) -> state.equals(((IndicatedHealthDescriptor) health).getDetails().get("state")));
		return (IndicatedHealthDescriptor) seen;
	}

	private static String name(Meter.Id meter) {
		Map<String, String> tags = new LinkedHashMap<>();
		meter.getTags().forEach((tag) -> tags.put(tag.getKey(), ", tag `%s`".formatted(tag.getKey())));
		return "%s `%s`%s".formatted(meter.getType().name().toLowerCase(Locale.ROOT), meter.getName(),
				String.join("", tags.values()));
	}

	/** As the page has them; what is new comes last. */
	private static Comparator<List<String>> inOrder(Map<String, String> texts) {
		List<String> order = new ArrayList<>(texts.keySet());
		return Comparator.comparingInt((row) -> order.contains(row.get(0)) ? order.indexOf(row.get(0)) : order.size());
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ JacksonEndpointAutoConfiguration.class, HealthContributorRegistryAutoConfiguration.class,
			HealthEndpointAutoConfiguration.class, HeadlockEndpointAutoConfiguration.class })
	static class Endpoints {

	}

}
