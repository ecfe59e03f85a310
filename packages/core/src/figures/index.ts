export { drawFigures, type FleetSample, type TaskSample } from './draw-figures.ts';
export { figureResolutions, figureSteps, type FigureRefusal, type FigureSpan, type FigureSteps } from './figure-steps.ts';
