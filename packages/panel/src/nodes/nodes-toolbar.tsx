import type { NodeFilterKey } from '@muster/api';
import { Pagination, Toolbar, ToolbarContent, ToolbarFilter, ToolbarGroup, ToolbarItem, ToolbarToggleGroup } from '@patternfly/react-core';
import FilterIcon from '@patternfly/react-icons/dist/esm/icons/filter-icon';
import { useCallback, type ReactNode } from 'react';
import { healthLooks, healthStates } from '../ui/health-label.tsx';
import type { ColumnId } from './columns.tsx';
import { ColumnsMenu } from './columns-menu.tsx';
import { FilterSelect } from './filter-select.tsx';
import { filterTitles, pageSizes, withFilter, withoutFilters, type ListView } from './list-view.ts';
import { NodeSearch } from './node-search.tsx';
import { SortSelect } from './sort-select.tsx';

type Props = {
  readonly view: ListView;
  readonly total: number;
  readonly onView: (view: ListView) => void;
  readonly shownColumns: readonly ColumnId[];
  readonly onShowColumn: (id: ColumnId, isShown: boolean) => void;
};

const choices = {
  registration: [
    { value: 'registered', text: 'Registered' },
    { value: 'pending', text: 'Pending' },
  ],
  environments: [
    { value: 'on', text: 'Environments on' },
    { value: 'off', text: 'Environments off' },
  ],
};
const chipTexts: Partial<Record<NodeFilterKey, Record<string, string>>> = {
  health: Object.fromEntries(healthStates.map((state) => [state, healthLooks[state].text])),
  registration: { registered: 'Registered', pending: 'Pending' },
  environments: { on: 'On', off: 'Off' },
};
const chipKeys = Object.keys(filterTitles) as NodeFilterKey[];

/** Search, filters, columns and pages of the list. The filters in force stand below as chips, each with its way out. */
export function NodesToolbar({ view, total, onView, shownColumns, onShowColumn }: Props) {
  const { filters } = view;
  const filter = useCallback((key: NodeFilterKey, value: string) => onView(withFilter(view, key, value)), [onView, view]);
  const chip = (key: NodeFilterKey, children: ReactNode) => (
    <ToolbarFilter
      key={key}
      categoryName={filterTitles[key]}
      deleteLabel={() => filter(key, '')}
      labels={filters[key] === undefined ? [] : [chipTexts[key]?.[filters[key]] ?? filters[key]]}
    >
      {children}
    </ToolbarFilter>
  );
  const silent = chipKeys.filter((key) => key !== 'registration' && key !== 'environments');
  return (
    <Toolbar clearAllFilters={() => onView(withoutFilters(view))} clearFiltersButtonText="Clear all filters" className="mp-toolbar">
      <ToolbarContent>
        <ToolbarItem className="mp-toolbar__search">
          <NodeSearch filters={filters} onFilter={filter} />
        </ToolbarItem>
        <ToolbarToggleGroup toggleIcon={<FilterIcon />} breakpoint="lg">
          <ToolbarGroup variant="filter-group">
            {chip(
              'registration',
              <FilterSelect
                title="Registration"
                options={choices.registration}
                value={filters.registration}
                onChoose={(value) => filter('registration', value)}
              />,
            )}
            {chip(
              'environments',
              <FilterSelect
                title="Environments"
                options={choices.environments}
                value={filters.environments}
                onChoose={(value) => filter('environments', value)}
              />,
            )}
            {silent.map((key) => chip(key, null))}
          </ToolbarGroup>
        </ToolbarToggleGroup>
        <ToolbarItem visibility={{ default: 'visible', lg: 'hidden' }}>
          <SortSelect view={view} onView={onView} />
        </ToolbarItem>
        <ToolbarGroup align={{ default: 'alignEnd' }} alignItems="center">
          <ToolbarItem>
            <ColumnsMenu shown={shownColumns} onShow={onShowColumn} />
          </ToolbarItem>
          <ToolbarItem variant="pagination" visibility={{ default: 'hidden', md: 'visible' }}>
            <NodesPagination view={view} total={total} onView={onView} place="top" />
          </ToolbarItem>
        </ToolbarGroup>
      </ToolbarContent>
    </Toolbar>
  );
}

type PaginationProps = Pick<Props, 'view' | 'total' | 'onView'> & { readonly place: 'top' | 'bottom' };

/** Pages of the list. */
export function NodesPagination({ view, total, onView, place }: PaginationProps) {
  return (
    <Pagination
      variant={place}
      isCompact={place === 'top'}
      widgetId={`nodes-pages-${place}`}
      itemCount={total}
      page={view.page}
      perPage={view.perPage}
      perPageOptions={pageSizes.map((size) => ({ title: String(size), value: size }))}
      onSetPage={(_, page) => onView({ ...view, page })}
      onPerPageSelect={(_, perPage) => onView({ ...view, perPage, page: 1 })}
      titles={{ paginationAriaLabel: place === 'top' ? 'Pages of nodes, above' : 'Pages of nodes, below' }}
    />
  );
}
