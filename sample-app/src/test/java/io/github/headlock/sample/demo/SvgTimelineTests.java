package io.github.headlock.sample.demo;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

import javax.xml.parsers.DocumentBuilderFactory;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

import static org.assertj.core.api.Assertions.assertThat;

class SvgTimelineTests {

	private final String svg = SvgTimeline.draw(FixedRollouts.all());

	private Document document;

	@BeforeEach
	void parse() throws Exception {
		this.document = DocumentBuilderFactory.newInstance()
			.newDocumentBuilder()
			.parse(new ByteArrayInputStream(this.svg.getBytes(StandardCharsets.UTF_8)));
	}

	@Test
	void titlesAreEscaped() {
		assertThat(texts()).contains("First <rollout> & more", "Second");
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
			assertThat(texts()).contains(kind.text());
		});
	}

	@Test
	void everyReadyReplicaHasAMarkAndSoHasTheLegend() {
		assertThat(elements("circle")).hasSize(4);
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

	private static double number(Element element, String attribute) {
		return Double.parseDouble(element.getAttribute(attribute));
	}

}
