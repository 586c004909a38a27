package io.github.headlock.documentation;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.headlock.actuate.HeadlockBackgroundEndpoint;
import io.github.headlock.actuate.HeadlockEndpoint;
import io.github.headlock.autoconfigure.HeadlockBackgroundEndpointAutoConfiguration;
import io.github.headlock.autoconfigure.HeadlockEndpointAutoConfiguration;
import io.github.headlock.background.BackgroundAction;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.boot.actuate.autoconfigure.endpoint.jackson.JacksonEndpointAutoConfiguration;
import org.springframework.boot.actuate.endpoint.jackson.EndpointJsonMapper;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ByteArrayResource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What the page on background migrations shows of the two endpoints is what they answer.
 */
class ReferenceBackgroundTests {

	private final GeneratedPage page = new GeneratedPage("background-migrations.md");

	private final TestDatabase database = TestDatabase.create();

	private final Path folder;

	ReferenceBackgroundTests(@TempDir Path folder) throws Exception {
		this.folder = folder;
		new TestMigrations(Files.createDirectory(folder.resolve("migration"))).file("V42__customer.sql", """
				CREATE TABLE customer (id bigint PRIMARY KEY, first_name text, last_name text, full_name text);
				INSERT INTO customer SELECT i, 'first', 'last', CASE WHEN i % 31 = 0 THEN 'first last' END
				FROM generate_series(1, 2000) i;
				""");
		String declaration = Files.readString(Path.of("..", "docs", "background-migrations.md"));
		Matcher block = Pattern
			.compile("```sql\\n-- src/main/resources/db/background/(.*?\\.sql)\\n(.*?)```", Pattern.DOTALL)
			.matcher(declaration);
		assertThat(block.find()).isTrue();
		new TestMigrations(Files.createDirectory(folder.resolve("background"))).file(block.group(1), block.group(2));
	}

	private Replica replica() {
		Replica replica = Replica.of(this.database.url(), "none")
			.with("spring.flyway.locations", "filesystem:" + this.folder.resolve("migration"))
			.with("headlock.background.locations", "filesystem:" + this.folder.resolve("background"))
			.with("headlock.background.run", "never")
			.with(Endpoints.class);
		settings().forEach((name, value) -> replica.with(name.toString(), value));
		return replica;
	}

	/** Those that the page prints. */
	private Properties settings() {
		Matcher yaml = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL).matcher(this.page.section("Actions"));
		assertThat(yaml.find()).isTrue();
		YamlPropertiesFactoryBean properties = new YamlPropertiesFactoryBean();
		properties.setResources(new ByteArrayResource(yaml.group(1).getBytes(StandardCharsets.UTF_8)));
		return properties.getObject();
	}

	private ConfigurableApplicationContext start() {
		ConfigurableApplicationContext context = replica().start();
		this.database.execute("UPDATE flyway_schema_history_background SET rows_estimated = 1000000, "
				+ "seen_in_pass = 710000, rows_seen = 710000, rows_changed = 692318, work_ms = 14792, "
				+ "updated_by = 'headlock shop-7f9c', updated_at = '2026-01-01T10:15:30Z'");
		return context;
	}

	@Test
	void theExampleOfTheSectionIsWhatTheEndpointAnswers() throws Exception {
		try (ConfigurableApplicationContext context = start()) {
			HeadlockEndpoint endpoint = context.getBean(HeadlockEndpoint.class);
			HeadlockEndpoint.Description answer = await().until(endpoint::describe, (seen) -> seen.problem() == null);
			this.page.json("By endpoint", Json.of(context.getBean(EndpointJsonMapper.class),
					Map.of("background", answer.background()), Map.of()));
		}
	}

	@Test
	void theExampleOfAnActionIsWhatTheEndpointAnswers() {
		Matcher request = Pattern.compile("-d '\\{\"action\": \"(\\w+)\"}' \\S+/actuator/headlockbackground/(\\w+)")
			.matcher(this.page.section("Actions"));
		assertThat(request.find()).isTrue();
		try (ConfigurableApplicationContext context = start()) {
			HeadlockBackgroundEndpoint endpoint = context.getBean(HeadlockBackgroundEndpoint.class);
			Object answer = endpoint.act(request.group(2), request.group(1));
			this.page.json("Actions",
					Json.of(context.getBean(EndpointJsonMapper.class), answer, Map.of("took", "PT0.231S")));
		}
	}

	@Test
	void everyActionIsExplained() {
		List<String> actions = Arrays.stream(BackgroundAction.values()).map("`%s`"::formatted).toList();
		assertThat(this.page.texts("Actions")).containsOnlyKeys(actions);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ JacksonEndpointAutoConfiguration.class, HeadlockEndpointAutoConfiguration.class,
			HeadlockBackgroundEndpointAutoConfiguration.class })
	static class Endpoints {

	}

}
