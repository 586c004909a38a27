package io.github.headlock.documentation;

import java.util.Map;

import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.core.util.Separators.Spacing;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import org.springframework.boot.actuate.endpoint.jackson.EndpointJsonMapper;

/**
 * The JSON of an endpoint, as Spring Boot writes it, with other values where they differ
 * from run to run.
 */
final class Json {

	private static final Map<String, String> FIXED = Map.of("waited", "PT0.412S", "held", "PT1.627S", "took",
			"PT2.084S", "role", "shop_migrator", "applicationName", "headlock shop-7f9c", "host", "10.0.0.7", "since",
			"2026-01-01T10:15:30Z");

	private static final int PID = 4711;

	private Json() {
	}

	static String of(EndpointJsonMapper endpoints, Object answer) {
		return of(endpoints, answer, FIXED);
	}

	/** With these values instead, where they stand. */
	static String of(EndpointJsonMapper endpoints, Object answer, Map<String, String> fixed) {
		JsonMapper mapper = endpoints.get();
		JsonNode json = mapper.valueToTree(answer);
		fix(json, fixed);
		Separators separators = Separators.createDefaultInstance()
			.withObjectNameValueSpacing(Spacing.AFTER)
			.withArrayEmptySeparator("");
		return mapper.writer().with(new DefaultPrettyPrinter(separators)).writeValueAsString(json);
	}

	private static void fix(JsonNode json, Map<String, String> fixed) {
		if (json instanceof ObjectNode object) {
			fixed.keySet().stream().filter(object::has).forEach((name) -> object.put(name, fixed.get(name)));
			if (object.has("pid")) {
				object.put("pid", PID);
			}
		}
		json.forEach((part) -> fix(part, fixed));
	}

}
