package io.github.headlock.sample;

import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * That the dashboard and the alert rules of the documentation use what the application
 * really exports, and show all that is Headlock's.
 */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class MonitoringTests {

	private static final Path DASHBOARD = Path.of("..", "docs", "grafana-dashboard.json");

	private static final Path ALERTS = Path.of("..", "docs", "prometheus-alerts.yaml");

	/** What Prometheus itself adds to whatever it scrapes. */
	private static final Set<String> TARGET_LABELS = Set.of("job", "instance");

	/**
	 * Of kube-state-metrics, for starts that fail: such a process ends before it can be
	 * scraped.
	 */
	private static final Map<String, Set<String>> KUBERNETES = Map.of(
			"kube_pod_container_status_last_terminated_exitcode", Set.of("namespace", "pod", "container"),
			"kube_pod_container_status_restarts_total", Set.of("namespace", "pod", "container"));

	private static final Pattern SAMPLE = Pattern.compile("(?m)^([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? \\S+$");

	private static final Pattern LABEL = Pattern.compile("(\\w+)=\"(?:[^\"\\\\]|\\\\.)*\"");

	@LocalServerPort
	private int port;

	/** Labels of each metric of the scrape. */
	private Map<String, Set<String>> exported = Map.of();

	@BeforeEach
	void scrape() throws Exception {
		Matcher sample = SAMPLE.matcher(get("prometheus"));
		this.exported = new TreeMap<>(KUBERNETES);
		while (sample.find()) {
			Set<String> labels = this.exported.computeIfAbsent(sample.group(1), (name) -> new TreeSet<>(TARGET_LABELS));
			if (sample.group(2) != null) {
				LABEL.matcher(sample.group(2)).results().forEach((label) -> labels.add(label.group(1)));
			}
		}
		assertThat(this.exported).containsKey("headlock_schema_at_head");
	}

	@Test
	void theDashboardUsesWhatIsExported() throws Exception {
		JsonNode dashboard = dashboard();
		assertThat(dashboard.get("panels")).isNotEmpty();
		for (JsonNode panel : dashboard.get("panels")) {
			assertThat(panel.at("/datasource/uid").asString()).isEqualTo("${datasource}");
			for (JsonNode target : panel.get("targets")) {
				assertExported(target.get("expr").asString(), target.get("legendFormat").asString());
			}
		}
		for (JsonNode variable : dashboard.at("/templating/list")) {
			if (variable.get("type").asString().equals("query")) {
				Matcher values = Pattern.compile("label_values\\((\\w+), (\\w+)\\)")
					.matcher(variable.at("/query/query").asString());
				assertThat(values.matches()).isTrue();
				assertThat(this.exported).containsKey(values.group(1));
				assertThat(this.exported.get(values.group(1))).contains(values.group(2));
			}
		}
	}

	@Test
	void theDashboardShowsEveryMeterOfHeadlock() throws Exception {
		Set<String> shown = new TreeSet<>();
		for (JsonNode panel : dashboard().get("panels")) {
			panel.get("targets")
				.forEach((target) -> PromQl.metrics(target.get("expr").asString())
					.keySet()
					.forEach((name) -> shown.add(meter(name))));
		}
		Set<String> meters = new TreeSet<>();
		this.exported.keySet()
			.stream()
			.filter((name) -> name.startsWith("headlock_"))
			// a registry's own, of what traces show
			.filter((name) -> !name.startsWith("headlock_start_"))
			.forEach((name) -> meters.add(meter(name)));
		assertThat(this.exported.get("headlock_start_seconds_count")).contains("outcome", "error");
		assertThat(meters).hasSize(13);
		assertThat(shown).containsExactlyElementsOf(meters);
	}

	@Test
	void theAlertRulesUseWhatIsExported() throws Exception {
		List<Map<String, Object>> rules = rules();
		assertThat(rules).extracting((rule) -> rule.get("alert"))
			.containsExactly("HeadlockSchemaBehind", "HeadlockRolesBlocked", "HeadlockStartFailed",
					"HeadlockBackgroundFailed", "HeadlockBackgroundHeld", "HeadlockLongLockWait",
					"HeadlockSessionsTerminated");
		for (Map<String, Object> rule : rules) {
			assertExported((String) rule.get("expr"), rule.get("annotations").toString());
		}
	}

	@Test
	void theEndpointTellsHowTheStartWent() throws Exception {
		JsonNode answer = await().until(() -> JsonMapper.shared().readTree(get("headlock")),
				(seen) -> !seen.at("/status/state").asString().equals("UNKNOWN"));
		assertThat(answer.at("/schema").asString()).isEqualTo("public");
		assertThat(answer.at("/status/state").asString()).isEqualTo("AT_HEAD");
		assertThat(answer.at("/start/outcome").asString()).isEqualTo("migrated");
		assertThat(answer.at("/guards/requiredStops/0/schemaVersion").asString()).isEqualTo("3");
	}

	/** Labels stand in the expression, and between braces in the text beside it. */
	private void assertExported(String expression, String text) {
		Map<String, Set<String>> used = PromQl.metrics(expression);
		assertThat(used).as(expression).isNotEmpty();
		Set<String> inText = new TreeSet<>();
		Pattern.compile("\\{\\{\\s*(?:\\$labels\\.)?(\\w+)\\s*}}")
			.matcher(text)
			.results()
			.forEach((label) -> inText.add(label.group(1)));
		used.forEach((name, labels) -> {
			assertThat(this.exported).as(expression).containsKey(name);
			assertThat(this.exported.get(name)).as(expression).containsAll(labels).containsAll(inText);
		});
	}

	/** A timer is exported as three metrics. */
	private static String meter(String name) {
		return name.replaceFirst("_(?:count|sum|max)$", "");
	}

	private static JsonNode dashboard() throws IOException {
		return JsonMapper.shared().readTree(Files.readString(DASHBOARD));
	}

	@SuppressWarnings("unchecked")
	private static List<Map<String, Object>> rules() throws IOException {
		try (Reader reader = Files.newBufferedReader(ALERTS)) {
			Map<String, List<Map<String, Object>>> file = new Yaml().load(reader);
			List<Map<String, Object>> rules = new ArrayList<>();
			file.get("groups").forEach((group) -> rules.addAll((List<Map<String, Object>>) group.get("rules")));
			return rules;
		}
	}

	private String get(String endpoint) throws Exception {
		HttpRequest request = HttpRequest
			.newBuilder(URI.create("http://127.0.0.1:%d/actuator/%s".formatted(this.port, endpoint)))
			.build();
		HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
		assertThat(response.statusCode()).isEqualTo(200);
		return response.body();
	}

}
