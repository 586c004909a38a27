package io.github.headlock.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class PageTests {

	@TempDir
	private Path folder;

	private Path file;

	@BeforeEach
	void write() throws IOException {
		this.file = Files.writeString(this.folder.resolve("page.md"), """
				# Title
				<!-- generated: one -->
				old
				<!-- end of one -->
				between
				<!-- generated: two -->
				<!-- end of two -->
				""");
	}

	@Test
	void replacesWhatStandsBetweenTheMarkersAndNothingElse() throws IOException {
		Page page = new Page(this.file);
		page.replace("one", "new $1 \\n\n");
		page.replace("two", "| table |\n");
		assertThat(this.file).content().isEqualTo("""
				# Title
				<!-- generated: one -->

				new $1 \\n

				<!-- end of one -->
				between
				<!-- generated: two -->

				| table |

				<!-- end of two -->
				""");
		String first = Files.readString(this.file);
		page.replace("one", "new $1 \\n\n");
		assertThat(this.file).content().isEqualTo(first);
	}

	@Test
	void markersThatAreMissingAreNamed() {
		assertThatIllegalStateException().isThrownBy(() -> new Page(this.file).replace("three", "new"))
			.withMessageContaining("<!-- generated: three -->");
	}

	/** The page of the project has a place for each part. */
	@ParameterizedTest
	@ValueSource(strings = { HeadPart.NAME, ApplyPart.NAME, RolloutPart.NAME, WaitersPart.NAME, BackgroundPart.NAME })
	void pageOfTheProjectHasMarkersOfEachPart(String part) throws IOException {
		Path docs = Path.of("..", "..", "docs");
		Path copy = Files.copy(docs.resolve("performance.md"), this.folder.resolve("performance.md"));
		new Page(copy).replace(part, "new");
		assertThat(copy).content().contains("new\n\n<!-- end of " + part + " -->", "performance-" + part + ".svg");
		assertThat(docs.resolve("performance-" + part + ".svg")).exists();
	}

}
