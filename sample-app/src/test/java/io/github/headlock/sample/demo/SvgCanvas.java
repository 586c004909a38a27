package io.github.headlock.sample.demo;

import java.util.List;
import java.util.Locale;

/**
 * Collects the elements of the picture.
 */
final class SvgCanvas {

	/** Height of the bar of a phase that matters. */
	static final int BAR = 14;

	/** Height of the bar of a phase that would be the same on any database. */
	static final int LINE = 2;

	/** Mean width of a character of 13 px, on the safe side. */
	private static final double CHARACTER = 7;

	private static final int RADIUS = 6;

	private final StringBuilder elements = new StringBuilder();

	void text(String style, double x, int baseline, String text) {
		add("<text class=\"%s\" x=\"%.1f\" y=\"%d\">%s</text>", style, x, baseline, escape(text));
	}

	/** Cuts what would not fit. */
	void text(String style, double x, int baseline, String text, double width) {
		int most = (int) (width / CHARACTER);
		text(style, x, baseline, (text.length() > most) ? text.substring(0, most - 1) + "\u2026" : text);
	}

	void bar(Phase.Kind kind, double from, double to, int top) {
		int height = kind.isOfInterest() ? BAR : LINE;
		add("<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>", kind.style(), from,
				top + (BAR - height) / 2, Math.max(0, to - from), height);
	}

	/** Draws how a replica ended. */
	void mark(ReplicaTimeline.Ending ending, double x, int middle) {
		switch (ending) {
			case READY -> add("<circle class=\"ready\" cx=\"%.1f\" cy=\"%d\" r=\"%d\"/>", x, middle, RADIUS);
			case NEVER_READY ->
				add("<circle class=\"never-ready\" cx=\"%.1f\" cy=\"%d\" r=\"%d\"/>", x, middle, RADIUS);
			case REFUSED -> add("<path class=\"refused\" d=\"M%.1f %dl7 7l-7 7l-7 -7z\"/>", x, middle - 7);
			case FAILED -> add("<path class=\"cross\" d=\"M%.1f %dl10 10m0 -10l-10 10\"/>", x - 5, middle - 5);
		}
	}

	/** Fills what is below some points, each of which holds until the next one. */
	void steps(List<Point> points, int bottom) {
		StringBuilder path = new StringBuilder();
		for (Point point : points) {
			path.append(path.isEmpty() ? String.format(Locale.ROOT, "M%.1f %dV%.1f", point.x(), bottom, point.y())
					: String.format(Locale.ROOT, "H%.1fV%.1f", point.x(), point.y()));
		}
		add("<path class=\"filled\" d=\"%sV%dz\"/>", path, bottom);
	}

	void verticalLine(String style, double x, int top, int bottom) {
		line(style, x, top, x, bottom);
	}

	void horizontalLine(String style, double from, double to, int y) {
		line(style, from, y, to, y);
	}

	private void line(String style, double x1, int y1, double x2, int y2) {
		add("<line class=\"%s\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>", style, x1, y1, x2, y2);
	}

	private void add(String element, Object... values) {
		this.elements.append(String.format(Locale.ROOT, element, values)).append('\n');
	}

	static String escape(String text) {
		return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
	}

	@Override
	public String toString() {
		return this.elements.toString();
	}

	/**
	 * A place in the picture.
	 *
	 * @param x from the left
	 * @param y from the top
	 */
	record Point(double x, double y) {
	}

}
