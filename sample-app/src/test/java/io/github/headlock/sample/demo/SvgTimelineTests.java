package io.github.headlock.sample.demo;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

import static org.assertj.core.api.Assertions.assertThat;

class SvgTimelineTests {

	private final String svg = SvgTimeline.draw("Some <replicas>",
			Stream.of(FixedRollouts.all(), List.of(FixedRollouts.noneReady())).flatMap(List::stream).toList());

	private Document document;

	@BeforeEach
	void parse() throws Exception {
		parse(this.svg);
	}

	private void parse(String svg) throws Exception {
		this.document = DocumentBuilderFactory.newInstance()
			.newDocumentBuilder()
			.parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
	}

	@Test
	void titlesAreEscaped() {
		assertThat(texts()).contains("Some <replicas>", "First <rollout> & more", "Second");
	}

	@Test
	void everyReplicaIsNamedAndTellsWhatItDid() {
		assertThat(texts()).contains("replica-1", "replica-2", "replica-3", "replica-4")
			.contains("10.0 s: migrated in 4.0 s", "9.5 s: waited 3.0 s for replica-1", "5.0 s: fast path, 0.5 s",
					"FAILED: the process ended with exit code 1");
	}

	@Test
	void everyPhaseHasAColourInLightAndDark() {
		String[] schemes = this.svg.split("@media \\(prefers-color-scheme: dark\\)");
		assertThat(schemes).hasSize(2);
		assertThat(List.of(Phase.Kind.values())).allSatisfy((kind) -> {
			assertThat(schemes[0]).contains(".%s { fill:".formatted(kind.style()));
			assertThat(schemes[1]).contains(".%s { fill:".formatted(kind.style()));
		});
	}

	@Test
	void theLegendExplainsWhatIsInThePictureAndNothingElse() {
		assertThat(texts()).contains("migrates", "fast path: looks, finds the schema ready")
			.doesNotContain("started, but OUT_OF_SERVICE");
	}

	@Test
	void everyReplicaHasAMarkForItsEndAndSoHasTheLegend() {
		assertThat(classes("circle")).containsOnly("ready", "never-ready").filteredOn("ready"::equals).hasSize(3 + 1);
		assertThat(classes("circle")).filteredOn("never-ready"::equals).hasSize(2 + 1);
		assertThat(classes("path")).containsExactly("cross", "cross", "cross");
	}

	@Test
	void theStartOfTheJvmIsAThinLineBesideThePhasesOfTheDatabase() {
		assertThat(heights("starting")).containsOnly("2");
		assertThat(heights("waiting")).containsOnly("14");
		assertThat(heights("migrating")).containsOnly("14");
	}

	@Test
	void aBackgroundMigrationIsACurveAboveThePodsThatServe() throws Exception {
		assertThat(classes("path")).doesNotContain("filled", "refused");
		parse(SvgTimeline.draw("", List.of(FixedRollouts.background())));
		assertThat(texts()).contains("fill_tariff", "10000 rows in 10.0 s, 1000 rows/s", "100 %",
				"refused with exit code 11: fill_tariff is running, 40 %", "30.0 s: migrated in 1.0 s",
				"1 refused, 2 of 2 ready after 30.0 s", "rows filled by a background migration", "serves requests",
				"refused: exit code 11, nothing changed", "2140 requests answered");
		assertThat(classes("path")).containsExactly("filled", "refused", "filled", "refused");
		assertThat(classes("text")).contains("result good").doesNotContain("words bad");
		assertThat(elements("path").get(0).getAttribute("d")).startsWith("M196.7 148V148.0H214.0V142.4H")
			.endsWith("H370.0V92.0H612.7V92.0V148z");
		assertThat(elements("desc").get(0).getTextContent()).contains(
				"Rollout 4. fill_tariff: 10000 rows in 10.0 s, 1000 rows/s; replica-3: 5.0 s: fast path, 0.5 s; ");
	}

	@Test
	void thePictureTellsItsResultsInWords() {
		assertThat(elements("title").get(0).getTextContent()).isEqualTo(
				"Some <replicas>. First <rollout> & more: 3 of 3 ready. Second: 0 of 1 ready. Alone: 0 of 3 ready.");
		assertThat(elements("desc").get(0).getTextContent())
			.contains("replica-1: 10.0 s: migrated in 4.0 s; replica-2: ");
	}

	@Test
	void wordsThatDoNotFitAreCut() {
		ReplicaTimeline replica = ReplicaTimeline.failed("replica-1", "x".repeat(300));
		assertThat(SvgTimeline.draw("", List.of(new RolloutTimeline("", List.of(replica), 0))))
			.containsPattern(">FAILED: x{100,140}\u2026<");
	}

	@Test
	void nothingIsDrawnOutsideThePicture() {
		double width = number(this.document.getDocumentElement(), "width");
		double height = number(this.document.getDocumentElement(), "height");
		assertThat(elements("rect")).allSatisfy((rectangle) -> {
			assertThat(number(rectangle, "x") + number(rectangle, "width")).isLessThan(width);
			assertThat(number(rectangle, "y") + number(rectangle, "height")).isLessThan(height);
		});
		assertThat(elements("text")).allSatisfy((text) -> assertThat(number(text, "y")).isBetween(20.0, height - 20));
	}

	@Test
	void thePictureNeedsNothingElse() {
		assertThat(this.svg).doesNotContain("href", "url(", "@import", "<script");
	}

	private List<String> texts() {
		return elements("text").stream().map(Element::getTextContent).toList();
	}

	private List<Element> elements(String name) {
		NodeList nodes = this.document.getElementsByTagName(name);
		return IntStream.range(0, nodes.getLength()).mapToObj((i) -> (Element) nodes.item(i)).toList();
	}

	private List<String> classes(String name) {
		return elements(name).stream().map((element) -> element.getAttribute("class")).toList();
	}

	private List<String> heights(String style) {
		return elements("rect").stream()
			.filter((element) -> element.getAttribute("class").equals(style))
			.map((element) -> element.getAttribute("height"))
			.toList();
	}

	private static double number(Element element, String attribute) {
		return Double.parseDouble(element.getAttribute(attribute));
	}

}
