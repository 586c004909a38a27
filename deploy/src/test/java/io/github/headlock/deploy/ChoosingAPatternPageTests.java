package io.github.headlock.deploy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

import io.kubernetes.client.openapi.models.V1Container;
import org.junit.jupiter.api.Test;

import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.io.ByteArrayResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the documentation says of the patterns, compared with these files.
 */
class ChoosingAPatternPageTests {

	private static final String SETTINGS = "A Job or an init container migrates";

	private final DocumentationPage page = DocumentationPage.read("choosing-a-pattern.md");

	private final Manifests job = Chart.migratingIn("job");

	private final Manifests init = Chart.migratingIn("initContainer");

	@Test
	void whatMigratesHasTheSettingsOfThePage() throws Exception {
		String settings = this.page.block(SETTINGS, "yaml", "exit-after-migration");
		assertHas(this.job.migrator(), settings);
		assertHas(this.init.migrator(), settings);
	}

	@Test
	void theReplicasHaveTheSettingsOfThePage() throws Exception {
		assertHas(this.job.application(), this.page.block(SETTINGS, "yaml", "wait"));
		assertHas(this.init.application(), this.page.block(SETTINGS, "yaml", "fail"));
	}

	@Test
	void theValuesOfTheTableExist() {
		assertThat(this.page.section("Comparison")).contains("`migrations.runIn` | `pods` | `job` | `initContainer` |",
				"overlay | `pods` | `job` | `init-container` |",
				"`MIGRATIONS_RUN_IN` | `replicas` | `service` | none |");
		assertThat(Chart.migratingIn("pods").objects()).isNotEmpty();
		assertThat(List.of("pods", "job", "init-container"))
			.allSatisfy((overlay) -> assertThat(Kubectl.kustomize(Path.of("kustomize", "overlays", overlay)).objects())
				.isNotEmpty());
	}

	private static void assertHas(V1Container container, String settings) throws Exception {
		EnumerablePropertySource<?> properties = (EnumerablePropertySource<?>) new YamlPropertySourceLoader()
			.load("page", new ByteArrayResource(settings.getBytes(StandardCharsets.UTF_8)))
			.get(0);
		ApplicationView application = ApplicationView.of(container);
		assertThat(properties.getPropertyNames()).isNotEmpty()
			.allSatisfy((name) -> assertThat(application.property(name))
				.isEqualToIgnoringCase(String.valueOf(properties.getProperty(name))));
	}

}
