package io.github.headlock.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.marcnuri.helm.Helm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The commands of the page on Kubernetes that need a cluster: what they name is in the
 * objects.
 */
class KubernetesCommandTests {

	private static final DocumentationPage PAGE = DocumentationPage.read("kubernetes.md");

	private static final List<String> COMMANDS = PAGE.blocks("shell").stream().flatMap(String::lines).toList();

	/**
	 * Those of the chart under the name of the page's release, and those of the overlay.
	 */
	static Stream<Manifests> manifests() throws IOException {
		Path values = Files.createTempFile("values", ".yaml");
		try {
			Files.writeString(values, PAGE.block("With Helm", "yaml", "runIn: job"));
			return Stream.of(Manifests.parse(new Helm(Chart.FOLDER).template()
				.withName(found("helm upgrade --install (\\S+)").get(0))
				.withKubeVersion("1.30.0")
				.withValuesFile(values)
				.call()), Kubectl.kustomize(Path.of("kustomize", "overlays", "job")));
		}
		finally {
			Files.delete(values);
		}
	}

	@ParameterizedTest
	@MethodSource("manifests")
	void everyLabelSelectsSomething(Manifests manifests) {
		Set<String> ofPods = labels(manifests.podTemplates().stream().map((pod) -> pod.getMetadata().getLabels()));
		Set<String> ofJobs = labels(Stream.of(manifests.job().getMetadata().getLabels()));
		assertThat(found("kubectl (?:get pods|logs) .*-l (\\S+)")).hasSize(3).allMatch(ofPods::contains);
		assertThat(found("kubectl delete job .*-l (\\S+)")).hasSize(1).allMatch(ofJobs::contains);
	}

	@ParameterizedTest
	@MethodSource("manifests")
	void everyDeploymentExists(Manifests manifests) {
		assertThat(found("deployment/(\\S+)")).hasSize(2)
			.allMatch(manifests.deployment().getMetadata().getName()::equals);
	}

	@Test
	void everyFolderExists() {
		assertThat(found("helm upgrade .* (deploy/\\S+)")).hasSize(1)
			.allSatisfy((folder) -> assertThat(Path.of("..", folder, "Chart.yaml")).exists());
		assertThat(found("\\b(overlays/[a-z-]+)")).hasSize(3)
			.allSatisfy((folder) -> assertThat(Path.of("kustomize").resolve(folder).resolve("kustomization.yaml"))
				.exists());
	}

	@Test
	void theVariablesTurnHeadlockOffAndKeepFlywayFromHanging() {
		Map<String, String> variables = new HashMap<>();
		found("set env \\S+ (.*)").forEach((assignments) -> Stream.of(assignments.split(" "))
			.map((assignment) -> assignment.split("="))
			.forEach((assignment) -> variables.put(assignment[0], assignment[1])));
		ApplicationView application = ApplicationView.of(variables);
		assertThat(application.headlock().isEnabled()).isFalse();
		assertThat(application.property("spring.flyway.postgresql.transactional-lock")).isEqualTo("false");
	}

	private static List<String> found(String pattern) {
		return COMMANDS.stream()
			.flatMap((command) -> Pattern.compile(pattern).matcher(command).results())
			.map((MatchResult match) -> match.group(1))
			.toList();
	}

	private static Set<String> labels(Stream<Map<String, String>> objects) {
		Set<String> labels = new HashSet<>();
		objects.forEach((object) -> object.forEach((name, value) -> labels.add(name + "=" + value)));
		return labels;
	}

}
