package io.github.headlock.sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The dashboard's queries and the alert rules in a Prometheus that scrapes the
 * application.
 */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class ScrapedMetricsTests {

	private static final Path DASHBOARD = Path.of("..", "docs", "grafana-dashboard.json");

	private static final Path ALERTS = Path.of("..", "docs", "prometheus-alerts.yaml");

	private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((\\w+), (\\w+)\\)");

	/**
	 * Of the alerts, the one that reads nothing of the application: a start that fails is
	 * never scraped.
	 */
	private static final String OF_KUBERNETES = "HeadlockStartFailed";

	@LocalServerPort
	private int port;

	@TempDir
	private Path folder;

	private JsonNode dashboard = JsonMapper.shared().nullNode();

	@BeforeEach
	void readDashboard() throws IOException {
		this.dashboard = JsonMapper.shared().readTree(Files.readString(DASHBOARD));
	}

	@Test
	void everyQueryAndEveryRuleFindsTheApplication() throws Exception {
		try (PrometheusServer prometheus = PrometheusServer.start(this.folder, "parcels", this.port, ALERTS)) {
			Awaitility.await()
				.atMost(Duration.ofSeconds(60))
				.until(() -> prometheus.query("headlock_schema_at_head == 1").size() == 1
						&& prometheus.query("headlock_schema_pending == 0").size() == 1
						&& prometheus.query("headlock_background_progress >= 0").size() == 1
						&& prometheus.query("rate(headlock_background_rows_total[5m]) >= 0").size() == 2);
			Map<String, String> variables = variables(prometheus);
			assertThat(variables).isEqualTo(Map.of("job", "parcels"));
			Map<String, String> values = new TreeMap<>();
			for (JsonNode panel : this.dashboard.get("panels")) {
				for (JsonNode target : panel.get("targets")) {
					JsonNode series = prometheus.query(interpolated(target.get("expr").asString(), variables));
					assertThat(series).as(panel.get("title").asString()).hasSize(1);
					String value = series.get(0).at("/value/1").asString();
					assertThat(Double.parseDouble(value)).isNotNaN().isNotNegative();
					String expression = target.get("expr").asString();
					boolean anyNumber = expression.contains("_seconds_sum") || expression.contains("by (name)");
					values.put(panel.get("title").asString() + target.get("refId").asString().replace("A", ""),
							legend(target, series.get(0)) + " = "
									+ ((anyNumber || expression.contains("_unfinished")) ? "a number" : value));
				}
			}
			String instance = "127.0.0.1:" + this.port;
			assertThat(values).containsOnly(Map.entry("Schema at head, by process", instance + " = 1"),
					Map.entry("Pending migrations, by process", instance + " = 0"),
					Map.entry("How the processes that run now have started", "migrated = 1"),
					Map.entry("Lock wait, by process", instance + " = a number"),
					Map.entry("Lock held, by process", instance + " = a number"),
					Map.entry("Database part of the start, by process", instance + " migrated = a number"),
					Map.entry("Sessions terminated, by process", instance + " = 0"),
					Map.entry("Roles blocked, by process", instance + " = 0"),
					Map.entry("Background migrations: share of the pass that is done", "fill_tariff = a number"),
					Map.entry("Background migrations: rows a second", "fill_tariff = a number"),
					Map.entry("Background migrations: batches that fail, a second", "fill_tariff = a number"),
					Map.entry("Background migrations: how many", "not finished = a number"),
					Map.entry("Background migrations: how manyB", "failed = 0"),
					Map.entry("Background migrations: how manyC", "held = 0"));
			findsWhatItCompares(prometheus);
		}
	}

	/** Without its thresholds, a rule has one value for the application. */
	private static void findsWhatItCompares(PrometheusServer prometheus) throws Exception {
		List<JsonNode> rules = new ArrayList<>();
		prometheus.get("rules").get("groups").forEach((group) -> group.get("rules").forEach(rules::add));
		assertThat(rules).hasSize(7);
		for (JsonNode rule : rules) {
			String name = rule.get("name").asString();
			assertThat(rule.path("lastError").asString("")).as(name).isEmpty();
			assertThat(rule.get("state").asString()).as(name).isEqualTo("inactive");
			JsonNode series = prometheus.query(rule.get("query").asString().replaceAll("(?:==|[<>]=?) \\d+", ">= 0"));
			assertThat(series).as(name).hasSize(name.equals(OF_KUBERNETES) ? 0 : 1);
		}
	}

	/** The values of the dashboard's variables, looked up as Grafana does. */
	private Map<String, String> variables(PrometheusServer prometheus) throws Exception {
		Map<String, String> variables = new TreeMap<>();
		for (JsonNode variable : this.dashboard.at("/templating/list")) {
			Matcher values = LABEL_VALUES.matcher(variable.at("/query/query").asString(""));
			if (values.matches()) {
				JsonNode found = prometheus.get("label/" + values.group(2) + "/values", "match[]", values.group(1));
				assertThat(found).hasSize(1);
				variables.put(variable.get("name").asString(), found.get(0).asString());
			}
		}
		return variables;
	}

	private static String interpolated(String expression, Map<String, String> variables) {
		String interpolated = expression;
		for (Map.Entry<String, String> variable : variables.entrySet()) {
			interpolated = interpolated.replace("$" + variable.getKey(), variable.getValue());
		}
		assertThat(interpolated).doesNotContain("$");
		return interpolated;
	}

	private static String legend(JsonNode target, JsonNode series) {
		return Pattern.compile("\\{\\{(\\w+)}}")
			.matcher(target.get("legendFormat").asString())
			.replaceAll((label) -> Matcher.quoteReplacement(series.get("metric").get(label.group(1)).asString()));
	}

}
